"""A module of one function, described and planned: what the tests of conversion call."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from synapse_worker.conversion import Converters, FunctionPlan
from synapse_worker.schema.describe import Describer, describe_function

if TYPE_CHECKING:
    from collections.abc import Callable


def plan_of(
    function: Callable[..., Any],
    *,
    codecs: dict[type, Any] | None = None,
    services: dict[type, str] | None = None,
    register_service: Callable[[str, object], int] | None = None,
    validate: str | bool | None = None,
) -> FunctionPlan:
    describer = Describer(codecs=codecs, services=services)
    description = describe_function(function, describer)
    converters = Converters(describer, module="app", register_service=register_service)
    return converters.for_function(description, validate=validate, python=function)


def taking(annotation: Any, **options: Any) -> FunctionPlan:
    """Return the plan of a function with one parameter, `value`, of this annotation."""

    def take(value: Any) -> None: ...

    take.__annotations__ = {"value": annotation, "return": None}
    return plan_of(take, **options)


def giving(annotation: Any, **options: Any) -> FunctionPlan:
    """Return the plan of a function that returns this annotation."""

    def give() -> Any: ...

    give.__annotations__ = {"return": annotation}
    return plan_of(give, **options)


def argument(annotation: Any, value: Any, **options: Any) -> Any:
    """Return what a function with one parameter of this annotation is handed for `value`."""
    args, kwargs = taking(annotation, **options).convert_arguments([value], {})
    assert kwargs == {}
    return args[0]


def result(annotation: Any, value: Any, **options: Any) -> Any:
    """Return what the codec is given for a result of this annotation."""
    convert = giving(annotation, **options).convert_result
    return value if convert is None else convert(value)


def codec(wire: Any, encode: Any, decode: Any) -> Any:
    return SimpleNamespace(wire=wire, encode=encode, decode=decode)


__all__ = ["argument", "codec", "giving", "plan_of", "result", "taking"]
