"""Counts the bytes that a tool downloads, from what its lines say of files and their sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import PhaseName, Reporter
    from .progress_lines import Sign


class ByteCount:
    """How much of the files that a tool downloads has arrived."""

    def __init__(self, reporter: Reporter, phase: PhaseName) -> None:
        self._reporter = reporter
        self._phase: PhaseName = phase
        self._done = 0
        self._total = 0
        # Files on their way, with their sizes.
        self._arriving: dict[str, int] = {}
        # pip's own count is exact and its size rounded: a file of pip's is added once it is there.
        self._is_pip = False

    def see(self, sign: Sign) -> None:
        """Look at what a line says."""
        if sign.kind == "bytes":
            name = next(iter(self._arriving), "")
            self._arriving = {name: sign.of}
            self._say(self._done + sign.size, self._total + sign.of, name)
            return
        if self._is_pip and self._arriving:
            # pip does not say that a file has arrived: it goes on.
            size = sum(self._arriving.values())
            self._arriving = {}
            self._done += size
            self._total += size
            self._say(self._done, self._total, "")
        if sign.kind == "collecting":
            self._is_pip = True
        elif sign.kind == "downloading":
            self._arriving[sign.name] = sign.size
            if not self._is_pip:
                self._total += sign.size
                self._say(self._done, self._total, sign.name)
        elif sign.kind == "downloaded":
            self._done += self._arriving.pop(sign.name, 0)
            self._say(self._done, self._total, sign.name)

    def finish(self) -> None:
        """Say that all of it has arrived."""
        self._say(self._total, self._total, "")

    def _say(self, done: int, total: int, name: str) -> None:
        if total:
            self._reporter.progress(self._phase, done, total, "bytes", name)
