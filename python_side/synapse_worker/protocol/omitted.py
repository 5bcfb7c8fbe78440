"""Arguments left out where their place must be kept: before `*args`, and among positional-only parameters.

Nil stands in their place, and the keyword `$omitted`, which no parameter can be called, lists the positions.
Implements "Arguments left out" of `docs/protocol.md`.
"""

from __future__ import annotations

from .value_errors import ValidationError

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter
    from typing import Any

OMITTED = "$omitted"


def take_omitted(count: int, kwargs: dict[str, Any], label: str) -> frozenset[int]:
    """Take the positions that hold nothing out of the keywords of a call with `count` positional arguments.

    Raises:
        ValidationError: `INVALID_ARGUMENTS`, they are no such positions.
    """
    omitted = kwargs.pop(OMITTED)
    if type(omitted) is not list or not all(type(i) is int and 0 <= i < count for i in omitted):
        raise ValidationError(
            f'{label}(): the keyword "{OMITTED}" is reserved: it lists which of the positional arguments hold nothing.',
            code="INVALID_ARGUMENTS",
            parameter=OMITTED,
            path=OMITTED,
            expected="positions of arguments",
        )
    return frozenset(omitted)


def positional_parameters(python: Callable[..., Any]) -> dict[str, Parameter]:
    """Return the parameters of a function that may be given by position, by name."""
    import inspect

    return {
        name: parameter
        for name, parameter in inspect.signature(python).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    }
