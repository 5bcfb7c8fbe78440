"""The nouns of an examination: a check, what it finds, and what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from os import PathLike

Severity = Literal["ok", "info", "warning", "error"]
# Long enough for a cold interpreter or a slow index, short beside the fifteen seconds of a whole run.
DEADLINE_S = 8.0


@dataclass(frozen=True)
class Finding:
    """One thing that a check found; `id` is stable, the sentences are not."""

    id: str
    severity: Severity
    message: str
    # What to do, to be pasted where it can be.
    fix: str | None = None
    # A table or a list to stand below the sentence.
    lines: tuple[str, ...] = ()
    # The same for programs.
    details: dict[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return the form that `synapse doctor --json` documents."""
        return {
            "id": self.id,
            "severity": self.severity,
            "message": self.message,
            "fix": self.fix,
            "details": self.details,
        }


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Check:
    """One examination: its name, the heading it stands under, and what does it."""

    name: str
    group: str
    examine: Callable[[], Iterable[Finding]]
    deadline_s: float = DEADLINE_S


@dataclass(frozen=True)
class Outcome:
    """What one check found, as far as it got."""

    check: Check
    findings: tuple[Finding, ...]


def command(*words: str | PathLike[str]) -> str:
    """Return a command of these words as a shell takes it: whatever a path holds, it stays one word."""
    return shlex.join(str(word) for word in words)


def ok(code: str, message: str, **details: object) -> Finding:
    """Something is as it should be."""
    return Finding(code, "ok", message, details=details)


def info(code: str, message: str, fix: str | None = None, **details: object) -> Finding:
    """Something is worth knowing, and nothing need be done."""
    return Finding(code, "info", message, fix, details=details)


def warning(code: str, message: str, fix: str, **details: object) -> Finding:
    """Something works, or does not matter yet, but will surprise."""
    return Finding(code, "warning", message, fix, details=details)


def error(code: str, message: str, fix: str, **details: object) -> Finding:
    """Something does not work."""
    return Finding(code, "error", message, fix, details=details)
