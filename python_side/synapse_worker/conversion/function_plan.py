"""The plan of one function: its arguments bound and converted on the way in, its result on the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.errors import DecodeError, EncodeError, ResultError, SynapseError, ValidationError
from ..protocol.omitted import OMITTED, positional_parameters, take_omitted
from ..schema.types import UNKNOWN
from .binding import Binder
from .carried import encoding_uncarried
from .delegation import delegated_decoders
from .mismatch import Mismatch
from .native import NativeArguments, native_arguments
from .parameters import Place, current_bind, current_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.definitions import Function
    from ..schema.types import Type
    from .interface import Conversion, Decode, Encode, Encoding
    from .own_defaults import Fill
    from .parameters import Bind


class FunctionPlan:
    """Converts the arguments and results of one function's calls.

    `accepts_anything` says that nothing is known of its arguments. `convert_result` (for a stream: `convert_item`, the same) is None where results travel as they are.
    """

    def __init__(
        self,
        function: Function,
        label: str,
        method: str,
        converters: Conversion,
        validate: str | bool | None,
        python: Callable[..., Any] | None,
    ) -> None:
        self.label = label
        self.method = method
        self._python = python
        self._binder = Binder(function, label, method)
        self._decoders: dict[str, Decode] = {}
        self._more: tuple[str, Decode] | None = None
        self._any_keyword: Decode | None = None
        delegated = delegated_decoders(validate, python)
        for parameter in function.parameters:
            decode = delegated.get(parameter.name)
            if decode is None:
                type_ = parameter.type
                token = current_parameter.set(Place(label, method, parameter.name))
                decode = _as_it_is if validate is False else converters.decoders.of(type_)
                current_parameter.reset(token)
            if parameter.kind == "var_positional":
                self._more = (parameter.name, decode)
            elif parameter.kind == "var_keyword":
                self._any_keyword = decode
            else:
                self._decoders[parameter.name] = decode
        self.accepts_anything = not delegated and all(
            parameter.type == UNKNOWN for parameter in function.parameters
        )
        self._positional = [(name, self._decoders[name]) for name in self._binder.positional]
        self._native: NativeArguments | None = None
        if validate is None:
            self._native = native_arguments(function, self._binder, converters.decoders)
        self.convert_result = self._result_converter(function.returns, converters.encoders)
        self.convert_item = self.convert_result

    def convert_arguments(
        self, args: list[Any], kwargs: dict[str, Any], bind: Bind | None = None
    ) -> tuple[list[Any] | tuple[Any, ...], dict[str, Any]]:
        """Return the arguments to call the function with. A parameter that is not given is not passed.

        Args:
            args: positional arguments as the codec gives them.
            kwargs: keyword arguments likewise.
            bind: makes a function of a callback's reference and its plan, and an iterator of a stream's.

        Raises:
            ValidationError: one is not of its annotated type; `INVALID_ARGUMENTS`: they do not match the signature.
        """
        omits = bool(kwargs) and OMITTED in kwargs
        if self._native is not None and not omits:
            converted = self._native.convert(args, kwargs)
            if converted is not None:
                return converted
        omitted: frozenset[int] = frozenset()
        if omits:
            kwargs = dict(kwargs)
            count = min(len(args), len(self._positional))
            omitted = take_omitted(count, kwargs, self.label)
        if bind is None:
            return self._convert(args, kwargs, omitted)
        token = current_bind.set(bind)
        try:
            return self._convert(args, kwargs, omitted)
        finally:
            current_bind.reset(token)

    def argument_types(self, count: int) -> Any:
        """Return the types of `count` arguments by position and none by name, for a decoder that knows msgspec's.

        None where our own rules are needed to take them, or to refuse them.
        """
        return None if self._native is None else self._native.types(count)

    def fills(self, count: int) -> list[tuple[int, Fill]]:
        """Return what completes which of `count` arguments that were decoded as `argument_types`."""
        return [] if self._native is None else self._native.fills(count)

    def _convert(
        self, args: list[Any], kwargs: dict[str, Any], omitted: frozenset[int]
    ) -> tuple[list[Any], dict[str, Any]]:
        self._binder.check(args, kwargs)
        self._binder.check_omitted(omitted)
        name = ""
        converted: list[Any] = []
        try:
            for (name, decode), value in zip(self._positional, args, strict=False):
                is_omitted = omitted and len(converted) in omitted
                converted.append(self._default(name) if is_omitted else decode(value))
            if self._more is not None:
                more, decode_more = self._more
                for index, value in enumerate(args[len(self._positional) :]):
                    name = f"{more}[{index}]"
                    converted.append(decode_more(value))
            if not kwargs:
                return converted, kwargs
            named = {}
            for keyword, value in kwargs.items():
                name = keyword
                named[keyword] = self._decoder(keyword)(value)
        except Mismatch as mismatch:
            raise self._invalid(name, mismatch) from mismatch.__cause__
        except RecursionError:
            raise DecodeError(
                f'{self.label}(): argument "{name}" nests too deeply. Send a flat form, such as a list with indices.',
                code="DEPTH_EXCEEDED",
            ) from None
        return converted, named

    def _default(self, name: str) -> Any:
        assert self._python is not None  # a plan that serves calls has its function
        return positional_parameters(self._python)[name].default

    def _decoder(self, keyword: str) -> Decode:
        if keyword in self._binder.by_keyword:
            return self._decoders[keyword]
        assert self._any_keyword is not None  # the binder has refused the call otherwise
        return self._any_keyword

    def _invalid(self, name: str, mismatch: Mismatch) -> SynapseError:
        path = mismatch.path(name)
        return ValidationError(
            f'{self.label}(): argument "{path}" {mismatch.problem}.',
            method=self.method,
            parameter=name.partition("[")[0],
            path=path,
            expected=mismatch.expected,
            got=mismatch.got,
        )

    def _result_converter(self, returns: Type, encoders: Encoding) -> Encode | None:
        encode = encoders.of(returns)
        if encode is None:
            return None
        label, method = self.label, self.method

        def convert_result(value: Any) -> Any:
            try:
                return encode(value)
            except Mismatch as mismatch:
                path = mismatch.path("result")
                raise ResultError(
                    f'{label}(): "{path}" {mismatch.problem}.',
                    method=method,
                    path=path,
                    expected=mismatch.expected,
                    got=mismatch.got,
                ) from mismatch.__cause__
            except RecursionError:
                raise EncodeError(
                    f"{label}(): the result nests too deeply. Is it a structure that contains itself? "
                    "Send a flat form, such as a list with indices.",
                    code="DEPTH_EXCEEDED",
                ) from None

        return encoding_uncarried(returns, convert_result, encoders)


def _as_it_is(value: Any) -> Any:
    return value
