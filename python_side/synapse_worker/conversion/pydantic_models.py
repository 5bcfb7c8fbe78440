"""Models of pydantic validate and dump themselves; what they say is put in our words, at our path.

They see Python values that came over the wire, where a UUID or a date is text: pydantic takes that unless a model is
strict, and a strict one is given the value as JSON, in which text is how these are written.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .mismatch import Mismatch, refused, shortened, shown
from .naming import expectation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..schema import types as t
    from ..schema.definitions import ObjectDefinition, TupleDefinition
    from .interface import Decode


def is_model(python: Any) -> bool:
    """Whether a class validates itself by pydantic: a model, or one of its dataclasses."""
    return "pydantic" in sys.modules and hasattr(python, "__pydantic_validator__")


def model_decoder(definition: ObjectDefinition | TupleDefinition, reference: t.Reference) -> Decode:
    """Return what has pydantic make a model of a value."""
    python = concrete(definition.python, reference)
    config = getattr(python, "model_config", None) or getattr(python, "__pydantic_config__", None)
    return validating(
        python.__pydantic_validator__,
        definition.name,
        bool((config or {}).get("strict")),
        {field.name: expectation(field.type) for field in definition.fields},
    )


def concrete(python: Any, reference: t.Reference) -> Any:
    """Return the instance of a generic model that an annotation names."""
    annotated = getattr(reference, "python", None)
    return annotated if isinstance(annotated, type) and is_model(annotated) else python


def validating(
    validator: Any, name: str, is_strict: bool, expected: Mapping[str, str] | None = None
) -> Decode:
    """Return what has a validator of pydantic's take a value; `expected` is known of its own fields."""
    from pydantic import ValidationError

    def decode_model(value: Any) -> Any:
        try:
            return validator.validate_python(value)
        except ValidationError as failure:
            if is_strict:
                try:
                    return _as_json(validator, value)
                except (ValidationError, ValueError):
                    pass
            raise _mismatch(failure, name, value, expected or {}) from failure
        except Exception as failure:  # a validator of the user's own, not in pydantic's way
            raise refused(name, value, failure) from failure

    return decode_model


def _as_json(validator: Any, value: Any) -> Any:
    from pydantic_core import to_json

    return validator.validate_json(to_json(value))


def model_encoder(definition: ObjectDefinition | TupleDefinition, reference: t.Reference) -> Decode:
    """Return what dumps a model by alias, as the class that was promised; a dict is first made a model."""
    python, name = concrete(definition.python, reference), definition.name
    from pydantic import ValidationError

    def encode_model(value: Any) -> Any:
        try:
            model = (
                value
                if isinstance(value, definition.python)
                else python.__pydantic_validator__.validate_python(value)
            )
            return python.__pydantic_serializer__.to_python(
                model, mode="python", by_alias=True, warnings=False
            )
        except ValidationError as failure:
            raise _mismatch(failure, name, value, {}) from failure
        except Exception as failure:  # a serializer of the user's own
            raise refused(name, value, failure) from failure

    return encode_model


def _mismatch(failure: Any, name: str, value: Any, fields: Mapping[str, str]) -> Mismatch:
    """Return the first error in our words, and how many more there are."""
    errors = failure.errors(include_url=False, include_context=False)
    first = errors[0]
    message = first["msg"].rstrip(".")
    if first["type"] == "missing":
        location = first["loc"]
        known = fields.get(location[0]) if len(location) == 1 else None
        problem = f"is missing; it must be {known}" if known else "is missing"
        expected, got = known or f"a field of {name}", "nothing"
    else:
        expected, got = shortened(message, 200), shown(first["input"])
        problem = f"was refused by {name}: {message} (got {got})"
    if len(errors) > 1:
        problem += f", and {len(errors) - 1} more"
    mismatch = Mismatch(problem, expected=expected, got=got)
    for step in reversed(_steps(first["loc"], value, is_missing=first["type"] == "missing")):
        mismatch.within(step)
    return mismatch


def _steps(location: tuple[Any, ...], value: Any, *, is_missing: bool) -> list[Any]:
    """Return the steps that lead through the value: pydantic also names options of unions among them."""
    steps: list[Any] = []
    for position, step in enumerate(location):
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]
        elif not (is_missing and position == len(location) - 1):
            continue
        steps.append(step)
    return steps
