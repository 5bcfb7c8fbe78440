"""What changed between two schemas, as a sentence for whoever holds the older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def first_difference(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """Return the first difference between two `members()`, or None where they are equal.

    Types come first: a change of a type is the reason for what its users look like.
    """
    for name in sorted({*old, *new}, key=lambda name: (not name.startswith("type "), name)):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        subject = _subject(name)
        if now is None:
            return f"{subject} is gone; it was {was}."
        if was is None:
            return f"{subject} is new: {now}."
        return f"{subject} was {was} and is now {now}."
    return None


def _subject(name: str) -> str:
    """Return what a member is called in a sentence: `quote()`, `type Quote`, `error OutOfStock`."""
    return name if name.startswith(("type ", "error ")) else f"{name.replace('.$new', '')}()"
