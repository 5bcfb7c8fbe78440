"""JavaScript functions as parameters: what user code calls, and how its values are converted.

Who carries the call is not known here: `bind` of the call in hand makes a function of a reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.codec.references import REFERENCE_ATTRIBUTE, CallbackReference
from ..protocol.errors import ResultError, ValidationError
from .mismatch import Mismatch, unlike
from .parameters import current_bind, current_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import types as t
    from .interface import Conversion


class CallbackPlan:
    """Converts the arguments of a callback's calls and their results."""

    def __init__(self, callback: t.Callback, converters: Conversion) -> None:
        place = current_parameter.get()
        self._method, self._parameter = (place.method, place.parameter) if place else ("", "")
        self._prefix = f"{place.label}(): " if place else ""
        self._name = f'callback "{place.parameter}"' if place else "callback"
        self.is_async = callback.is_async
        parameters = callback.parameters
        self._count = None if parameters is None else len(parameters)
        self._encoders = [converters.encoders.of(type_) for type_ in parameters or ()]
        self._decode = converters.decoders.of(callback.returns)
        # A function that nobody wants a result of may return anything.
        self._has_result = not (callback.returns.kind == "scalar" and _is_none(callback.returns))

    def encode_arguments(self, args: tuple[Any, ...]) -> list[Any]:
        """Return the arguments of a call, made plain.

        Raises:
            TypeError: there are more or fewer than the annotation says.
            ResultError: one cannot be what the annotation says.
        """
        if self._count is None:
            return list(args)
        if len(args) != self._count:
            count = f"{self._count} argument{'' if self._count == 1 else 's'}"
            raise TypeError(self._told(f"the {self._name} takes {count}, got {len(args)}."))
        plain = []
        for index, (value, encode) in enumerate(zip(args, self._encoders, strict=True)):
            try:
                plain.append(value if encode is None else encode(value))
            except Mismatch as mismatch:
                path = mismatch.path(f"arguments[{index}]")
                raise ResultError(
                    self._told(f'argument "{path}" of the {self._name} {mismatch.problem}.'),
                    method=self._method,
                    path=path,
                    expected=mismatch.expected,
                    got=mismatch.got,
                ) from mismatch.__cause__
        return plain

    def decode_result(self, value: Any) -> Any:
        """Return what the function returned, as the annotation says.

        Raises:
            ValidationError: it is something else.
        """
        if not self._has_result:
            return None
        try:
            return self._decode(value)
        except Mismatch as mismatch:
            path = mismatch.path("result")
            where = f', at "{path}",' if mismatch.steps else ""
            raise ValidationError(
                self._told(f"what the {self._name} returned{where} {mismatch.problem}."),
                method=self._method,
                parameter=self._parameter,
                path=path,
                expected=mismatch.expected,
                got=mismatch.got,
            ) from mismatch.__cause__

    def _told(self, text: str) -> str:
        return self._prefix + text if self._prefix else text[:1].upper() + text[1:]


def callback_decoder(callback: t.Callback, converters: Conversion) -> Callable[[Any], Any]:
    """Return what makes a reference a function that user code can call."""
    plan = CallbackPlan(callback, converters)

    def decode_callback(value: Any) -> Any:
        # In a method that takes anything elsewhere, all references have become functions before.
        reference = getattr(value, REFERENCE_ATTRIBUTE, value)
        if type(reference) is not CallbackReference:
            raise unlike("a function", value)
        return current_bind.get()(reference, plan)

    return decode_callback


def _is_none(type_: t.Type) -> bool:
    return getattr(type_, "name", None) == "none"
