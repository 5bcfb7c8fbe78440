"""Where user code stands, and what the names in its annotations mean there."""

from __future__ import annotations

import builtins
import functools
import re
import sys
import types
from collections import ChainMap
from typing import TYPE_CHECKING, Any

from .checking_imports import CheckingImports

if TYPE_CHECKING:
    from collections.abc import Mapping


# Lines of decorators, at most, before the `def` they are for.
_MOST_DECORATION = 50
# Functions that have no `__call__` of a class that could be the author's.
_ROUTINES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
)
_DEFINITION = r"\s*(async\s+)?def\b"


def unwrapped(function: Any) -> Any:
    """Return the function that an author wrote: under partials, methods and `functools.wraps`."""
    seen: set[int] = set()
    while id(function) not in seen:
        seen.add(id(function))
        if isinstance(function, (functools.partial, functools.partialmethod)):
            function = function.func
        elif isinstance(function, (types.MethodType, classmethod, staticmethod)):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif not isinstance(function, (type, *_ROUTINES)):
            function = getattr(type(function), "__call__", function)  # noqa: B004  # wanted as it is
    return function


def function_source(function: Any) -> tuple[str | None, int | None]:
    """Return file and line of a function, where it has them."""
    import linecache

    code = getattr(unwrapped(function), "__code__", None)
    if code is None:
        return None, None
    file, first = code.co_filename, code.co_firstlineno
    if not linecache.getline(file, first).lstrip().startswith("@"):
        return file, first
    # Python counts from the first decorator; what is wrong is below it.
    lines = range(first, first + _MOST_DECORATION)
    return file, next(
        (n for n in lines if re.match(_DEFINITION, linecache.getline(file, n))), first
    )


def class_source(cls: Any) -> tuple[str | None, int | None]:
    """Return file and line of a class; the line is worth a search of the source, so ask late."""
    import inspect

    try:
        return inspect.getsourcefile(cls), inspect.getsourcelines(cls)[1]
    except (OSError, TypeError, IndexError):
        return getattr(sys.modules.get(getattr(cls, "__module__", "")), "__file__", None), None


def function_names(function: Any) -> ChainMap[str, Any]:
    """Return what names mean in a function's annotations."""
    inner = unwrapped(function)
    found: dict[str, Any] = getattr(inner, "__globals__", None) or module_names(
        getattr(inner, "__module__", None)
    )
    closure = _closure(inner)
    return _names(inner, found, closure)


def class_names(cls: Any) -> ChainMap[str, Any]:
    """Return what names mean in the body of a class: its module's first, as for type checkers."""
    return _names(
        cls, module_names(getattr(cls, "__module__", None)), {cls.__name__: cls, **vars(cls)}
    )


def module_names(name: str | None) -> dict[str, Any]:
    """Return the globals of an imported module."""
    module = sys.modules.get(name or "")
    return dict(vars(module)) if module else {}


def _names(owner: Any, found: dict[str, Any], inner: Mapping[str, Any]) -> ChainMap[str, Any]:
    variables = {variable.__name__: variable for variable in getattr(owner, "__type_params__", ())}
    file = found.get("__file__") if isinstance(found.get("__file__"), str) else None
    # An inner name that a global has too (a field named like its type) means the global one.
    return ChainMap(variables, found, dict(inner), vars(builtins), CheckingImports(file, found))


def _closure(function: Any) -> dict[str, Any]:
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    if not code or not cells:
        return {}
    unassigned = types.CellType()
    return {
        name: cell.cell_contents
        for name, cell in zip(code.co_freevars, cells, strict=False)
        if cell != unassigned
    }
