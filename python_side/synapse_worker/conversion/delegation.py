"""`validate="msgspec"` and `validate="pydantic"`: a method whose arguments a library validates by its own rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .mismatch import Mismatch, shown
from .pydantic_models import validating

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interface import Decode


_PATH_STEP = r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]"


def delegated_decoders(
    validate: str | bool | None, python: Callable[..., Any] | None
) -> dict[str, Decode]:
    """Return the decoders of a function's annotated parameters by name; none where we validate ourselves."""
    if not isinstance(validate, str):
        return {}
    if python is None:
        raise TypeError(f"validate={validate!r} needs the function whose annotations it goes by.")
    makers = {"msgspec": _by_msgspec, "pydantic": _by_pydantic}
    if validate not in makers:
        raise ValueError(f"validate must be 'msgspec', 'pydantic' or False, not {validate!r}.")
    from typing import get_type_hints

    hints = get_type_hints(python, include_extras=True)
    hints.pop("return", None)
    return {name: makers[validate](hint) for name, hint in hints.items()}


def _by_pydantic(annotation: Any) -> Decode:
    from pydantic import TypeAdapter

    adapter = TypeAdapter(annotation)
    return validating(adapter.validator, "pydantic", is_strict=False)


def _by_msgspec(annotation: Any) -> Decode:
    import msgspec

    def decode(value: Any) -> Any:
        try:
            return msgspec.convert(value, annotation)
        except msgspec.ValidationError as failure:
            raise _mismatch(str(failure), value) from failure

    return decode


def _mismatch(text: str, value: Any) -> Mismatch:
    """Return msgspec's message, whose path stands at its end: "Expected `int`, got `str` - at `$.items[0]`"."""
    message, _, path = text.rpartition(" - at `$")
    message = (message or text).replace("`", "")
    mismatch = Mismatch(f"was refused by msgspec: {message}", expected=message, got=shown(value))
    steps = [name or int(index or 0) for name, index in re.findall(_PATH_STEP, path)]
    for step in reversed(steps):
        mismatch.within(step)
    return mismatch
