"""The names of definitions: a class's own, and what distinguishes two of one name."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


def definition_name(python: Any, name: str, taken: Container[str]) -> str:
    """Return the first free name: `Item`, `OrderItem` (of class Order), `BillingItem` (of billing.py)."""
    return next(candidate for candidate in _candidates(python, name) if candidate not in taken)


def _candidates(python: Any, name: str) -> Iterator[str]:
    yield name
    qualified = str(getattr(python, "__qualname__", name)).split("<locals>.")[-1]
    yield "".join(_capital(part) for part in qualified.split("."))
    module = str(getattr(python, "__module__", None) or "")
    for depth in range(1, module.count(".") + 2):
        yield "".join(_capital(part) for part in (*module.split(".")[-depth:], name))
    for number in itertools.count(2):
        yield f"{name}{number}"


def _capital(name: str) -> str:
    """Return `order_lines` as `OrderLines`."""
    words = [word for word in re.split(r"\W|_", name) if word]
    return "".join(word[0].upper() + word[1:] for word in words)
