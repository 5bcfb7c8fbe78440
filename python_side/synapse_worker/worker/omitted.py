"""Functions without annotations, called with their own defaults where a caller left arguments out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import ValidationError
from synapse_worker.protocol.omitted import OMITTED, positional_parameters, take_omitted

if TYPE_CHECKING:
    from collections.abc import Callable

_VARARGS = 0x04
"""Of a code object: the function takes `*args` (`inspect.CO_VARARGS`, without importing it)."""


def may_omit(function: Callable[..., Any]) -> bool:
    """Whether a call can leave out an argument whose place must be kept. Costs next to nothing."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None or not function.__defaults__:
        return False
    return bool(code.co_flags & _VARARGS or code.co_posonlyargcount)


def filling(
    target: Callable[..., Any], function: Callable[..., Any], name: str, *, leading: int = 0
) -> Callable[..., Any]:
    """Return `target`, which is called with the defaults of an unannotated function where arguments were left out.

    The `leading` arguments and parameters are not the caller's.
    """

    def filled(*args: Any, **kwargs: Any) -> Any:
        if OMITTED not in kwargs:
            return target(*args, **kwargs)
        given = list(args)
        parameters = list(positional_parameters(function).values())[leading:]
        count = min(len(given) - leading, len(parameters))
        for position in take_omitted(count, kwargs, name):
            parameter = parameters[position]
            if parameter.default is parameter.empty:
                raise ValidationError(
                    f'{name}(): argument "{parameter.name}" is missing.',
                    code="INVALID_ARGUMENTS",
                    method=name,
                    parameter=parameter.name,
                    path=parameter.name,
                    expected="a value",
                    got="nothing",
                )
            given[leading + position] = parameter.default
        return target(*given, **kwargs)

    return filled
