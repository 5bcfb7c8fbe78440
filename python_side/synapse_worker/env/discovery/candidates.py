"""What was looked at and why it was not taken: the rows that errors and `synapse doctor` show."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .interpreter import MINIMUM, Answer, own_interpreter, probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..sources.version_range import VersionRange
    from .machine import Machine
    from .places import Place
    from .request import Request

# Interpreters that are started at once by a survey.
_MAX_PROBES = 8
MINIMUM_TEXT = ".".join(map(str, MINIMUM))


@dataclass(frozen=True)
class Candidate:
    """One Python that was looked at."""

    # The base interpreter; of something that did not answer, what was tried.
    path: str
    # "running", "pyenv", "uv", "PATH", "conda", …: how it was found.
    origin: str
    version: str | None
    # Why it cannot be taken; None where it can.
    reason: str | None

    @property
    def is_usable(self) -> bool:
        """Say whether an environment could be built from it."""
        return self.reason is None


@dataclass(frozen=True)
class Wish:
    """What an interpreter must be: what was asked for, and what the module allows."""

    request: Request
    allowed: VersionRange | None = None

    def refusal_by_name(self, place: Place) -> str | None:
        """Say why it cannot fit, from what its name says of its version; None where it may."""
        if not place.version:
            return None
        if place.version[:2] < MINIMUM:
            return self.refusal(place.version)
        prefix = self.request.prefix
        shared = min(len(prefix), len(place.version))
        if len(place.version) == 3 or place.version[:shared] != prefix[:shared]:
            return self.refusal(place.version)
        return None

    def refusal(self, version: tuple[int, ...]) -> str | None:
        """Say why a version does not fit; None where it does."""
        if not self.request.admits(version):
            return f"not {self.request.text}"
        if version < MINIMUM:
            return f"too old: Synapse needs {MINIMUM_TEXT} or newer"
        if self.allowed is not None and not self.allowed.admits(version):
            return f"requires-python is {self.allowed}"
        return None

    def judge(self, place: Place, answer: Answer) -> Candidate:
        """Say what became of one place."""
        found = answer.interpreter
        if found is None:
            return Candidate(place.text, place.origin, None, answer.failure)
        reason = self.refusal(found.version)
        is_elsewhere = place.origin != "running"
        is_unasked = self.request.kind in {"any", "range"} and is_elsewhere
        if reason is None and answer.is_prerelease and is_unasked:
            reason = "a prerelease: taken only when it is asked for by its version"
        is_unnamed = self.request.kind in {"any", "range", "version"} and is_elsewhere
        if reason is None and answer.is_free_threaded and is_unnamed:
            reason = "free-threaded: taken only when it is asked for by its path"
        return Candidate(str(found.path), place.origin, found.version_text, reason)

    def dismiss(self, place: Place, reason: str) -> Candidate:
        """Describe a place that was not started: its name says that it does not fit."""
        return Candidate(place.text, place.origin, ".".join(map(str, place.version)), reason)


def ask(place: Place, machine: Machine) -> Answer:
    """Start what is at a place and ask what it is; what runs this knows without."""
    if place.origin == "running" and machine.is_here:
        return own_interpreter()
    return probe(place.command)


def examine_all(places: Iterable[Place], wish: Wish, machine: Machine) -> list[Candidate]:
    """Ask all places at once; one interpreter that is found in two ways is listed once."""
    listed = list({place.command: place for place in places}.values())
    with ThreadPoolExecutor(_MAX_PROBES, "synapse-discovery") as pool:
        rows = list(pool.map(lambda place: _examine(place, wish, machine), listed))
    # A launcher is asked for each version it may know: those it lacks are no candidates.
    kept = [row for row in rows if row.version is not None or row.origin != "py"]
    return unique(kept)


def unique(rows: Iterable[Candidate]) -> list[Candidate]:
    """Return the rows without those of an interpreter that an earlier one is about."""
    found: dict[str, Candidate] = {}
    for row in rows:
        found.setdefault(os.path.realpath(row.path), row)
    return list(found.values())


def _examine(place: Place, wish: Wish, machine: Machine) -> Candidate:
    if place.version and place.version[:2] < MINIMUM:
        return wish.dismiss(place, wish.refusal(place.version) or "")
    return wish.judge(place, ask(place, machine))


def table(rows: Sequence[Candidate]) -> list[str]:
    """Return the rows as lines of aligned columns."""
    cells = [(row.path, row.origin, row.version or "-", row.reason or "usable") for row in rows]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    return [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
        for row in cells
    ]
