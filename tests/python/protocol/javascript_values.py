"""What becomes of values in JavaScript: the differences that docs/protocol.md allows, and no others."""

from __future__ import annotations

import math

SAFE = 2**53 - 1


def through_javascript(value):
    """Return what a value is after JavaScript has held it: the documented differences, and no others."""
    if isinstance(value, float):
        integral = value.is_integer() and abs(value) <= SAFE
        return int(value) if integral and (value or math.copysign(1, value) > 0) else value
    if isinstance(value, list | tuple):
        return type(value)(map(through_javascript, value))
    if isinstance(value, dict):
        items = {through_javascript(k): through_javascript(v) for k, v in value.items()}
        if all(isinstance(key, str) for key in items):
            return dict(sorted(items.items(), key=_place_in_object))
        return items
    return value


def _place_in_object(item):
    """Integer-like keys come first in a JavaScript object, in the order of their numbers."""
    key = item[0]
    index_like = key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < 2**32 - 1
    return (0, int(key)) if index_like else (1, 0)


def in_any_order(value):
    """Return a value whose maps are sorted: a map with mixed keys keeps no order that is promised."""
    if isinstance(value, list):
        return [in_any_order(item) for item in value]
    if isinstance(value, dict):
        return {key: in_any_order(value[key]) for key in sorted(value, key=repr)}
    return value
