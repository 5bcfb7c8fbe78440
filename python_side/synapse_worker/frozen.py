"""Frozen records: what `dataclasses` makes, at a fraction of what that costs a cold start.

`@dataclass` writes and compiles the methods of each class anew, half a millisecond of it, and importing it
imports `inspect`, eight. A worker makes fifty such classes before its first typed call. Here all classes share
their methods, which are slower to run, and records are made once, when a method is first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[type], type]:
        """Return what changes nothing: the decorator speaks to type checkers, and is new in Python 3.11."""
        return lambda cls: cls


class _Missing:
    """The default of a field that has none: it equals nothing."""


MISSING: Any = _Missing()


class Field:
    """One field of a record class."""

    __slots__ = ("default", "default_factory", "is_local", "kw_only", "name")

    def __init__(
        self, *, default: Any, default_factory: Any, kw_only: bool, is_local: bool
    ) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.kw_only = kw_only
        # No part of what the record describes: neither compared nor shown.
        self.is_local = is_local

    def make_default(self) -> Any:
        """Return a default value; `MISSING` where the field must be given."""
        return self.default if self.default_factory is None else self.default_factory()


def field(
    *,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | None = None,
    kw_only: bool = False,
    local: bool = False,
) -> Any:
    """Say more of a field than its annotation and default do."""
    return Field(default=default, default_factory=default_factory, kw_only=kw_only, is_local=local)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen:
    """What record classes inherit from: their annotations are their fields, those of their bases first.

    Records are equal where they are of one class and their fields are, and cannot be changed.
    """

    __fields__: ClassVar[dict[str, Field]] = {}
    __positional__: ClassVar[tuple[str, ...]] = ()
    __compared__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        found = dict(cls.__fields__)
        for name, annotation in cls.__annotations__.items():
            if not str(annotation).startswith("ClassVar"):
                found[name] = _declared(cls, name)
        cls.__fields__ = found
        cls.__positional__ = tuple(name for name, own in found.items() if not own.kw_only)
        cls.__compared__ = tuple(name for name, own in found.items() if not own.is_local)

    def __init__(self, *values: Any, **named: Any) -> None:
        own, cls = vars(self), type(self)
        fields, positional = cls.__fields__, cls.__positional__
        own.update(zip(positional, values, strict=False))
        if len(values) > len(positional) or not own.keys().isdisjoint(named):
            raise TypeError(f"{cls.__name__}() got more values than it has fields.")
        own.update(named)
        if len(own) < len(fields):
            for name, declared in fields.items():
                if name not in own:
                    own[name] = declared.make_default()
                    if own[name] is MISSING:
                        raise TypeError(f"{cls.__name__}() lacks {name!r}.")
        if len(own) > len(fields):
            unknown = ", ".join(sorted(own.keys() - fields.keys()))
            raise TypeError(f"{cls.__name__}() has no field {unknown}.")

    def __eq__(self, other: object) -> bool:
        return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__compared__)
        return f"{type(self).__qualname__}({shown})"

    def __setattr__(self, name: str, _: object) -> NoReturn:
        raise AttributeError(f"cannot assign to {name!r}: a record does not change.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete {name!r}: a record does not change.")


F = TypeVar("F", bound=Frozen)


def fields(record: Frozen | type[Frozen]) -> tuple[Field, ...]:
    """Return the fields of a record or of a class of them."""
    return tuple(record.__fields__.values())


def replace(record: F, **changes: Any) -> F:
    """Return a record like this one, but for what `changes` names."""
    return type(record)(**{**vars(record), **changes})


def _declared(cls: type, name: str) -> Field:
    value = vars(cls).get(name, MISSING)
    if isinstance(value, Field):
        delattr(cls, name)
    else:
        value = Field(default=value, default_factory=None, kw_only=False, is_local=False)
    value.name = name
    return value


def _compared(record: Any) -> tuple[Any, ...]:
    own = vars(record)
    return tuple(own[name] for name in record.__compared__)
