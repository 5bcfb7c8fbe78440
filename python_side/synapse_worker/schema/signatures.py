"""Signatures: the parameters of a function as it is written, and what it says that it returns.

`inspect` knows them all and takes eight milliseconds to import. A plain function says the same by itself, so
`inspect` is asked only about what is none: partials, wrappers, classes, functions of C.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from synapse_worker.frozen import Frozen

# Bits of `code.co_flags`, as `inspect` names them.
CO_VARARGS = 0x04
CO_VARKEYWORDS = 0x08
CO_GENERATOR = 0x20
CO_COROUTINE = 0x80
CO_ASYNC_GENERATOR = 0x200


# Attributes of functions that have the signature of something else (the last two are partial methods).
_STAND_INS = frozenset({"__wrapped__", "__signature__", "_partialmethod", "__partialmethod__"})


class _Empty:
    """Stands where there is no annotation, or no default."""


EMPTY: Any = _Empty()

POSITIONAL_ONLY = "positional_only"
POSITIONAL_OR_KEYWORD = "positional_or_keyword"
KEYWORD_ONLY = "keyword_only"
VAR_POSITIONAL = "var_positional"
VAR_KEYWORD = "var_keyword"


class Written(Frozen):
    """A parameter as it is written."""

    name: str
    kind: str
    annotation: Any = EMPTY
    default: Any = EMPTY


class Signature(Frozen):
    """Parameters in their order, and the annotation of the result."""

    parameters: tuple[Written, ...]
    returns: Any = EMPTY


# What can be said of a function that Python knows no signature of.
TAKES_ANYTHING = Signature((Written("args", VAR_POSITIONAL), Written("kwargs", VAR_KEYWORD)))


def signature_of(function: Any) -> Signature:
    """Return the signature of anything that can be called.

    Raises:
        ValueError, TypeError: Python knows none.
    """
    is_plain = type(function) is FunctionType and _STAND_INS.isdisjoint(vars(function))
    return _of_plain(function) if is_plain else _of_any(function)


def _of_plain(function: FunctionType) -> Signature:
    code, annotations = function.__code__, function.__annotations__
    names, keyword_defaults = code.co_varnames, function.__kwdefaults__ or {}
    count, positional_only = code.co_argcount, code.co_posonlyargcount
    defaults = function.__defaults__ or ()
    given = (EMPTY,) * (count - len(defaults)) + defaults
    after_positional = count + code.co_kwonlyargcount
    found: list[Written] = []

    def add(name: str, kind: str, default: Any = EMPTY) -> None:
        found.append(Written(name, kind, annotations.get(name, EMPTY), default))

    for index, default in enumerate(given):
        kind = POSITIONAL_ONLY if index < positional_only else POSITIONAL_OR_KEYWORD
        add(names[index], kind, default)
    if code.co_flags & CO_VARARGS:
        add(names[after_positional], VAR_POSITIONAL)
        after = after_positional + 1
    else:
        after = after_positional
    for name in names[count:after_positional]:
        add(name, KEYWORD_ONLY, keyword_defaults.get(name, EMPTY))
    if code.co_flags & CO_VARKEYWORDS:
        add(names[after], VAR_KEYWORD)
    return Signature(tuple(found), annotations.get("return", EMPTY))


def _of_any(function: Any) -> Signature:
    import inspect

    def told(value: Any) -> Any:
        return EMPTY if value is inspect.Parameter.empty else value

    signature = inspect.signature(function)
    written = (
        Written(p.name, p.kind.name.lower(), told(p.annotation), told(p.default))
        for p in signature.parameters.values()
    )
    return Signature(tuple(written), told(signature.return_annotation))
