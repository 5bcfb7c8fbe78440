"""Counts packages in the lines that pip and uv print while they install."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import Reporter

# One line a package: pip says what it collects; uv says what it downloaded or built.
_ONE = re.compile(
    r"^(?:Collecting |Processing |Requirement already satisfied: |\s+Downloaded |\s+Built )"
)
# uv's own count, after which only the linking is left.
_ALL = re.compile(r"^(?:Prepared|Installed) (\d+) packages?")


class PackageCounter:
    """Turns a tool's lines into progress of one installation."""

    def __init__(self, reporter: Reporter, total: int) -> None:
        self._reporter = reporter
        self._total = total
        self._done = 0

    def start(self) -> None:
        """Say how many packages there are."""
        self._reporter.progress("install", 0, self._total)

    def see(self, line: str) -> None:
        """Look at one line of the tool."""
        every = _ALL.match(line)
        if every:
            self._done = max(self._done, int(every.group(1)))
        elif _ONE.match(line):
            self._done += 1
        # The last one counts when everything is in place, not when it has been fetched.
        self._reporter.progress("install", min(self._done, max(self._total - 1, 0)), self._total)

    def finish(self) -> None:
        """Say that all packages are in place."""
        self._reporter.progress("install", self._total, self._total)
