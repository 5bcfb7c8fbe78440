"""What the suites describe: a module's face without the worker, and short ways to describe one thing."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from synapse_worker.schema.describe import Describer, describe_function, describe_module
from synapse_worker.schema.spelling import spell_definition, spell_function, spell_type

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Function, Schema


def module_of(*functions: Any, **more: Any) -> SimpleNamespace:
    """Return a module that offers some functions."""
    return SimpleNamespace(
        methods={function.__name__: method(function) for function in functions}, **more
    )


def method(function: Any, raises: tuple[type, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(
        function=function,
        raises=raises,
        is_stream=inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function),
        is_async=inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function),
    )


def schema_of(*functions: Any, **more: Any) -> Schema:
    return describe_module(module_of(*functions, **more), "shop")


def described(function: Any, describer: Describer | None = None) -> Function:
    offer = method(function)
    return describe_function(
        function,
        describer or Describer(),
        is_generator=offer.is_stream,
        is_async=offer.is_async,
    )


def signature(function: Any, describer: Describer | None = None) -> str:
    return spell_function(described(function, describer))


def spelled(annotation: Any, describer: Describer | None = None) -> str:
    return spell_type((describer or Describer()).type_of(annotation))


def definition(cls: Any, describer: Describer | None = None) -> str:
    """Return the text of the definition a class gets."""
    describer = describer or Describer()
    reference = describer.type_of(cls)
    return spell_definition(describer.definitions[reference.name])  # type: ignore[attr-defined]
