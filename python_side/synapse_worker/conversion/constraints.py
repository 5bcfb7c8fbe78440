"""Bounds from `Annotated`: numbers, lengths, patterns. Each is checked in the order it is written here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .mismatch import Mismatch, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.types import Constraints

    Check = Callable[[Any], bool]


def constrained(
    decode: Callable[[Any], Any] | None, constraints: Constraints | None
) -> Callable[[Any], Any] | None:
    """Return `decode` with the bounds checked on what it returns."""
    checks = _checks(constraints) if constraints is not None else []
    if not checks:
        return decode

    def decode_within_bounds(value: Any) -> Any:
        if decode is not None:
            value = decode(value)
        for holds, expected in checks:
            if not holds(value):
                got = shown(value)
                raise Mismatch(f"must be {expected}, got {got}", expected=expected, got=got)
        return value

    return decode_within_bounds


def _checks(bounds: Constraints) -> list[tuple[Check, str]]:
    checks: list[tuple[Check, str]] = []
    # A NaN is in no range: every comparison is written so that it fails.
    if (ge := bounds.ge) is not None:
        checks.append((lambda value: value >= ge, f"at least {ge}"))
    if (gt := bounds.gt) is not None:
        checks.append((lambda value: value > gt, f"greater than {gt}"))
    if (le := bounds.le) is not None:
        checks.append((lambda value: value <= le, f"at most {le}"))
    if (lt := bounds.lt) is not None:
        checks.append((lambda value: value < lt, f"less than {lt}"))
    if (step := bounds.multiple_of) is not None:
        checks.append((lambda value: is_multiple(value, step), f"a multiple of {step}"))
    if (least := bounds.min_length) is not None:
        checks.append((lambda value: len(value) >= least, f"of length at least {least}"))
    if (most := bounds.max_length) is not None:
        checks.append((lambda value: len(value) <= most, f"of length at most {most}"))
    if bounds.pattern is not None:
        found = re.compile(bounds.pattern).search
        expected = f"text that matches {bounds.pattern!r}"
        checks.append((lambda value: found(value) is not None, expected))
    return checks


def is_multiple(value: Any, step: float) -> bool:
    """Whether a number is a multiple of `step`, as near as floats can tell (0.3 is one of 0.1)."""
    try:
        if isinstance(value, int) and float(step).is_integer():
            return bool(value % int(step) == 0)
        if isinstance(value, (int, float)):
            ratio = value / step
            return abs(ratio - round(ratio)) <= 1e-9 * max(1.0, abs(ratio))
        return bool(value % type(value)(str(step)) == 0)
    except (ArithmeticError, ValueError):  # no number, or an endless one
        return False
