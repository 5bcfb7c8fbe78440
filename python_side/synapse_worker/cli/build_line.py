"""What a build looks like in one line of a terminal; the same words as in Node (`env/build-line.ts`).

Pure: events go in, text of a given width comes out. `tests/vectors/build_lines.json` holds both wings
to the same lines.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPINNERS = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\")
_CELLS = ("█░", "#.")
_GAUGE_WIDTH = 24
_NOTHING = (0, 0)
_SHORT_GAUGE_WIDTH = 10


class BuildLine:
    """Follows the events of one build."""

    def __init__(self, module: str = "", *, ascii_only: bool = False) -> None:
        self._spinner = _SPINNERS[ascii_only]
        self._cells = _CELLS[ascii_only]
        self._ellipsis = "..." if ascii_only else "…"
        self._module = module
        self._message = "Preparing"
        self._phase: object = None
        # Of each phase: the figures in packages and in bytes, and the bytes when a package was done.
        self._figures: dict[tuple[object, object], tuple[int, int]] = {}
        self._base: dict[object, tuple[int, int]] = {}
        self._package = ""
        self._share = 0.0

    def take(self, event: Mapping[str, object]) -> None:
        """Learn from one event; those that say nothing about progress change nothing."""
        if event.get("event") == "phase":
            self._module = str(event.get("module", self._module))
            self._message = str(event["message"])
            if event["phase"] != self._phase:
                self._phase, self._share, self._package = event["phase"], 0.0, ""
        elif event.get("event") == "progress":
            phase, unit = event["phase"], event["unit"]
            figure = int(str(event["done"])), int(str(event["total"]))
            before = self._figures.get((phase, unit))
            self._figures[phase, unit] = figure
            if unit == "packages" and before is not None and before[0] != figure[0]:
                self._base[phase] = self._figures.get((phase, "bytes"), _NOTHING)
            if phase == self._phase:
                self._package = str(event.get("package", ""))
                self._share = max(self._share, self._share_now())

    def text(self, width: int, turn: int, elapsed_s: float) -> str:
        """Return the line, in less than `width` cells; what matters least gives way first."""
        text = ""
        for text in self._forms(turn, elapsed_s):
            if cells(text) < width:
                return text
        return cut(text, width - 1, self._ellipsis)

    def _forms(self, turn: int, elapsed_s: float) -> Iterator[str]:
        """Yield the line from the richest form to the poorest."""
        spin = self._spinner[turn % len(self._spinner)]
        head = f"{spin} {self._module}" if self._module else spin
        time = f"({duration(elapsed_s)})"
        counts = self._counts()
        named = [*counts, self._package] if self._package else counts
        gauge = self._gauge(_GAUGE_WIDTH)
        short_gauge = self._gauge(_SHORT_GAUGE_WIDTH)
        yield _joined(head, gauge, self._with(named), time)
        yield _joined(head, short_gauge, self._with(named), time)
        yield _joined(head, short_gauge, self._with(counts), time)
        yield _joined(head, self._with(counts), time)
        yield _joined(spin, self._with(counts), time)
        yield _joined(spin, self._with(counts[:1]))
        yield _joined(spin, self._message)

    def _with(self, facts: list[str]) -> str:
        return f"{self._message}: {', '.join(facts)}" if facts else self._message

    def _counts(self) -> list[str]:
        parts = []
        if packages := self._figures.get((self._phase, "packages")):
            parts.append(f"{packages[0]} of {packages[1]}")
        if arrived := self._figures.get((self._phase, "bytes")):
            parts.append(size(*arrived))
        return parts

    def _gauge(self, width: int) -> str:
        if self._figures.get((self._phase, "packages"), _NOTHING)[1] == 0:
            return ""
        filled = int(self._share * width + 0.5)
        return self._cells[0] * filled + self._cells[1] * (width - filled)

    def _share_now(self) -> float:
        """Return how much of the phase is done; of the package on its way the bytes count."""
        count, total = self._figures.get((self._phase, "packages"), _NOTHING)
        if total == 0:
            return 0.0
        arrived = self._figures.get((self._phase, "bytes"), _NOTHING)
        base = self._base.get(self._phase, _NOTHING)
        rest = arrived[1] - base[1]
        part = min(max((arrived[0] - base[0]) / rest, 0), 1) if rest > 0 else 0
        return (count + (part if count < total else 0)) / total


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def duration(seconds: float) -> str:
    """Return `3.2 s`, or `2 min 5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def size(done: int, total: int) -> str:
    """Return `3.1 of 15.8 MB`: both in the unit of the total."""
    for unit, step in (("GB", 1000**3), ("MB", 1000**2)):
        if total >= step:
            return f"{done / step:.1f} of {total / step:.1f} {unit}"
    return f"{done // 1000} of {-(-total // 1000)} kB"


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(_width(character) for character in text)


def cut(text: str, width: int, ellipsis: str) -> str:
    """Return as much of a text as `width` cells hold, with an ellipsis where some is missing."""
    if cells(text) <= width:
        return text
    room = width - len(ellipsis)
    kept = ""
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return kept + ellipsis if width > len(ellipsis) else ""


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
