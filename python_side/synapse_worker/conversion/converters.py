"""Everything one module needs converted: its decoders, encoders and the plans of its functions, made when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .callbacks import CallbackPlan
from .decoders import Decoders
from .encoders import Encoders
from .function_plan import FunctionPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..schema import definitions as d
    from ..schema import types as t
    from .interface import Registrar


class Converters:
    """Converters of one module's types.

    Args:
        describer: what described them: `definitions` by name, and `codecs` by class.
        module: the module's name, for messages.
        register_service: `(service name, instance) → id` for services in results.
    """

    def __init__(
        self, describer: Any, *, module: str = "", register_service: Registrar | None = None
    ) -> None:
        self.module = module
        self.definitions: Mapping[str, d.Definition] = describer.definitions
        self._codecs: Mapping[type, Any] = getattr(describer, "codecs", None) or {}
        self.register_service: Registrar = register_service or _no_services
        self.decoders = Decoders(self, self.definitions)
        self.encoders = Encoders(self, self.definitions)

    def for_function(
        self,
        function: d.Function,
        *,
        name: str | None = None,
        validate: str | bool | None = None,
        python: Callable[..., Any] | None = None,
    ) -> FunctionPlan:
        """Return the plan of a function.

        Args:
            function: its description. For a method of an instance without `self`.
            name: what messages call it; `module.function` unless given.
            validate: None for our own rules, "msgspec" or "pydantic" to leave arguments to these (with the
                annotations of `python`), False to only bind them.
            python: the function itself, or the class whose constructor it is: for its defaults, and for "msgspec" and
                "pydantic".
        """
        label = name or (f"{self.module}.{function.name}" if self.module else function.name)
        method = label.removeprefix(f"{self.module}.")
        return FunctionPlan(function, label, method, self, validate, python)

    def for_callback(self, callback: t.Callback) -> CallbackPlan:
        """Return the plan of a callback's calls."""
        return CallbackPlan(callback, self)

    def codec_of(self, custom: t.Custom) -> Any:
        """Return the codec that the user registered for a type."""
        for candidate in (custom.python, self._codecs.get(custom.python)):
            if callable(getattr(candidate, "decode", None)) and not isinstance(candidate, type):
                return candidate
        for python, codec in self._codecs.items():
            if python.__name__ == custom.name:
                return codec
        raise TypeError(f"No codec is registered for {custom.name}.")


def _no_services(name: str, instance: object) -> int:
    raise TypeError(
        f"An instance of {name} cannot be returned from here: it would belong to nobody."
    )
