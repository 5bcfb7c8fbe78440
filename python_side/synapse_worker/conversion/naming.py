"""Types in Python's own words, as messages name them: `list[int]`, `str | None`, `Order`."""

from __future__ import annotations

from ..schema import types as t

_SCALARS = {
    "none": "None",
    "bigint": "int",
    "naive_datetime": "naive datetime",
    "uuid": "UUID",
    "decimal": "Decimal",
    "path": "Path",
    "unknown": "anything",
    "never": "nothing",
}
_FORMS = {
    "complex": "[re, im]",
    "datetime": "a Date, with its time zone",
    "naive_datetime": 'text such as "2026-01-31T12:30:00"',
    "date": 'text such as "2026-01-31"',
    "time": 'text such as "12:30:00"',
    "timedelta": 'text such as "PT90S"',
    "uuid": 'text such as "123e4567-e89b-12d3-a456-426614174000"',
    "decimal": 'text such as "12.50"',
    "path": "text",
}
_MAX_LITERALS = 8


def expectation(type_: t.Type) -> str:
    """Return what a message says of a lone type: its name, and its form on the wire where that is another."""
    if isinstance(type_, t.Union) and len(type_.options) == 2 and t.NONE in type_.options:
        option = next(option for option in type_.options if option != t.NONE)
        return f"{expectation(option)} | None"
    form = _FORMS.get(type_.name) if isinstance(type_, t.Scalar) else None
    return f"{type_name(type_)} ({form})" if form else type_name(type_)


def type_name(type_: t.Type) -> str:
    """Return what a message calls a type."""
    match type_:
        case t.Scalar(name=name):
            return _SCALARS.get(name, name)
        case t.Literal(values=values):
            shown = [f'"{v}"' if isinstance(v, str) else repr(v) for v in values[:_MAX_LITERALS]]
            if len(values) > _MAX_LITERALS:
                shown.append("…")
            return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"
        case t.Array(items=items):
            return f"{_built(type_, 'list')}[{type_name(items)}]"
        case t.Set(items=items):
            return f"{_built(type_, 'set')}[{type_name(items)}]"
        case t.Tuple(items=items_):
            return f"tuple[{', '.join(map(type_name, items_)) or '()'}]"
        case t.OpenTuple(first=first, rest=rest, last=last):
            inner = [
                *map(type_name, first),
                f"*tuple[{type_name(rest)}, ...]",
                *map(type_name, last),
            ]
            return f"tuple[{', '.join(inner)}]"
        case t.Map(keys=keys, values=values_):
            return f"dict[{type_name(keys)}, {type_name(values_)}]"
        case t.Union(options=options):
            return " | ".join(dict.fromkeys(map(type_name, options)))
        case t.Reference(name=name, arguments=arguments):
            return f"{name}[{', '.join(map(type_name, arguments))}]" if arguments else name
        case t.NdArray(dtype=dtype, shape=shape):
            return _ndarray_name(dtype, shape)
        case t.Table(library=library):
            return f"{library} table (an Arrow IPC stream in bytes)"
        case t.Callback():
            return "a function"
        case t.Stream(items=items):
            return f"a stream of {type_name(items)}"
        case t.ServiceReference(name=name) | t.Custom(name=name) | t.TypeVariable(name=name):
            return name
    return type_.kind


def _built(type_: t.Array | t.Set, usual: str) -> str:
    name = getattr(type_.python, "__name__", usual)
    return name if name in ("tuple", "deque", "frozenset") else usual


def _ndarray_name(dtype: str | None, shape: tuple[int | None, ...] | None) -> str:
    lengths = ""
    if shape is not None:
        lengths = f" of shape ({', '.join('any' if n is None else str(n) for n in shape)})"
    return f"{dtype + ' ' if dtype else ''}array{lengths}"
