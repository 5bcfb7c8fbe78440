"""A value that is not what its type asks for: where it stands, what was expected, what came.

Raised where the mismatch is seen; every container it passes on its way out adds its step to the path, so
that values which fit pay nothing for it.
"""

from __future__ import annotations

from typing import Any

from ..protocol.codec.references import Reference, StreamReference

MAX_SHOWN_CHARS = 60
"""Length up to which a value is quoted: enough to recognise it, too little to spill a secret or a log."""

_MAX_KEYS = 4


class Mismatch(Exception):  # noqa: N818  # never leaves the room: it becomes one of the protocol's errors
    """A value that does not fit. `problem` continues a sentence whose subject is the place."""

    def __init__(self, problem: str, *, expected: str = "", got: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = expected
        self.got = got
        # Steps from the inside out: a str for a field, anything else for a key or index.
        self.steps: list[object] = []

    def within(self, step: object) -> Mismatch:
        """Return itself, seen from one container further out."""
        self.steps.append(step)
        return self

    def path(self, root: str) -> str:
        """Return where the value stands, as in `order.items[3].price`."""
        return root + "".join(_step_text(step) for step in reversed(self.steps))


def unlike(expected: str, value: object) -> Mismatch:
    """Return the mismatch of a value that is of another kind than `expected`."""
    got = shown(value)
    return Mismatch(f"must be {expected}, got {got}", expected=expected, got=got)


def missing(name: str, expected: str) -> Mismatch:
    """Return the mismatch of a field that is required and not there."""
    problem = f"is missing; it must be {expected}"
    return Mismatch(problem, expected=expected, got="nothing").within(name)


def refused(by: str, value: object, failure: BaseException) -> Mismatch:
    """Return the mismatch of a value that the user's own code did not take."""
    reason = shortened(str(failure), 300)
    text = f"{type(failure).__name__}: {reason}" if reason else type(failure).__name__
    return Mismatch(f"was refused by {by}: {text}", expected=by, got=shown(value))


def shown(value: object) -> str:
    """Return the kind of a value and, shortened, the value."""
    kind = type(value)
    if value is None:
        return "None"
    if kind in (bool, int, float):
        text = shortened(repr(value)) if kind is not int or abs(value) < 10**60 else "…"  # type: ignore[arg-type]
        return f"{kind.__name__} {text}"
    if isinstance(value, str):
        # One character more shows `shortened` that there is more; a text of megabytes is not quoted whole.
        quoted = value[: MAX_SHOWN_CHARS + 1].replace("\\", "\\\\").replace('"', '\\"')
        return f'str "{shortened(_printable(quoted))}"'
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{kind.__name__} of {len(value)} bytes"
    if isinstance(value, dict):
        return _shown_dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        count = len(value)
        return f"{kind.__name__} of {count} item{'' if count == 1 else 's'}"
    if kind.__module__ == "datetime":
        return f"{kind.__name__} {value}"
    if isinstance(value, Reference):
        return "a stream" if isinstance(value, StreamReference) else "a function"
    return kind.__qualname__


def shortened(text: str, limit: int = MAX_SHOWN_CHARS) -> str:
    """Return a text cut at `limit` characters, between two words where there is a gap to cut in."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    head, _, tail = kept.rpartition(" ")
    return f"{head} …" if head and text[limit - 1] != " " and len(tail) < limit // 2 else f"{kept}…"


def field_step(key: object) -> str:
    """Return the step to a field or string key."""
    text = str(key)
    return f".{text}" if text.isidentifier() else f"[{shown(text)[4:]}]"


def _shown_dict(value: dict[Any, Any]) -> str:
    if not value:
        return "an empty dict"
    keys = [shortened(str(key), 20) for key, _ in zip(value, range(_MAX_KEYS), strict=False)]
    more = ", …" if len(value) > _MAX_KEYS else ""
    return shortened(f"dict with {', '.join(keys)}{more}")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _step_text(step: object) -> str:
    if isinstance(step, str):
        return field_step(step)
    return f"[{shortened(repr(step), 40)}]"
