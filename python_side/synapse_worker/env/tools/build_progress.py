"""Counts what a resolution and an installation have done, from the lines of whichever tool does it.

Every figure (a phase and its unit) only grows, is never above its total, and is complete when the
step has succeeded. pip works at one package at a time, uv at many; both end in the same figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .byte_count import ByteCount
from .progress_lines import read_sign

if TYPE_CHECKING:
    from ..events import PhaseName, Reporter
    from .progress_lines import Sign


class CollectProgress:
    """Progress of a step in which a tool goes through packages, such as a resolution.

    How many it will find nobody knows before its end.
    """

    def __init__(self, reporter: Reporter, phase: PhaseName, known: int) -> None:
        self._reporter = reporter
        self._phase: PhaseName = phase
        # At least what the requirements themselves name.
        self._total = max(known, 1)
        self._seen: set[str] = set()
        self._bytes = ByteCount(reporter, phase)

    def start(self) -> None:
        """Say how many packages are known of."""
        self._reporter.progress(self._phase, 0, self._total)

    def see(self, line: str) -> None:
        """Look at one line of the tool."""
        sign = read_sign(line)
        if sign is None:
            return
        self._bytes.see(sign)
        if sign.kind not in {"collecting", "resolved"}:
            return
        if sign.kind == "collecting":
            self._seen.add(sign.name)
        self._total = max(self._total, len(self._seen), sign.size * (sign.kind == "resolved"))
        done = max(len(self._seen) - 1, 0)
        self._reporter.progress(self._phase, done, self._total, package=sign.name)

    def finish(self, found: int = 0) -> None:
        """Say how many packages it went through, at least."""
        self._bytes.finish()
        total = max(self._total, found)
        self._reporter.progress(self._phase, total, total)


class InstallProgress:
    """Progress of one installation, whether one run of a tool does it or several."""

    def __init__(self, reporter: Reporter, total: int) -> None:
        self._reporter = reporter
        self._total = total
        self._phase: PhaseName | None = None
        self._fetched = 0
        self._installed = 0
        # Of this run of a tool: how many packages uv has found, whether pip looks at one.
        self._run_total = 0
        self._is_collecting = False
        self._builds = 0
        self._built = 0
        self._bytes = ByteCount(reporter, "download")

    def start(self) -> None:
        """Say how many packages there are."""
        if self._total == 0:
            self._enter("install")
            self._reporter.progress("install", 0, 0)
        else:
            self._enter("download")
            self._reporter.progress("download", 0, self._total)

    def see(self, line: str) -> None:
        """Look at one line of the tool."""
        sign = read_sign(line)
        if sign is None:
            return
        self._bytes.see(sign)
        match sign.kind:
            case "collecting":
                # The one before it has been fetched.
                self._enter("download")
                self._fetch(self._is_collecting, sign.name)
                self._is_collecting = True
            case "downloading":
                self._enter("download")
            case "downloaded":
                self._fetch(True, sign.name)
            case "builds":
                self._end_fetching()
                self._builds = max(self._builds, self._built + sign.size)
            case "building" | "built":
                self._build(sign)
            case "resolved":
                self._run_total = sign.size
            case "installing" | "installed":
                self._install(sign)

    def finish(self) -> None:
        """Say that all packages are in place."""
        if self._builds:
            self._reporter.progress("build", self._builds, self._builds)
        self._bytes.finish()
        if self._total:
            self._reporter.progress("download", self._total, self._total)
        self._enter("install")
        self._reporter.progress("install", self._total, self._total)

    def _fetch(self, one: bool, name: str) -> None:
        # The last one counts when this run needs nothing more.
        self._fetched = max(self._fetched, min(self._fetched + one, self._total - 1))
        self._reporter.progress("download", self._fetched, self._total, package=name)

    def _end_fetching(self) -> None:
        """Everything that this run needs is there."""
        fetched = max(self._fetched + self._is_collecting, self._installed + self._run_total)
        self._fetched = min(fetched, self._total)
        self._is_collecting = False
        self._reporter.progress("download", self._fetched, self._total)

    def _build(self, sign: Sign) -> None:
        is_begun = sign.kind == "building"
        self._built += not is_begun
        self._builds = max(self._builds, self._built + is_begun)
        self._enter("build")
        self._reporter.progress("build", self._built, self._builds, package=sign.name)

    def _install(self, sign: Sign) -> None:
        self._end_fetching()
        self._enter("install")
        if sign.kind == "installed":
            self._installed = min(self._installed + (self._run_total or sign.size), self._total)
            self._run_total = 0
        self._reporter.progress("install", self._installed, self._total)

    def _enter(self, phase: PhaseName) -> None:
        if phase == self._phase:
            return
        self._phase = phase
        match phase:
            case "build":
                text = "Building packages from source"
            case "download":
                text = f"Fetching {_packages(self._total)}"
            case _:
                text = f"Installing {_packages(self._total)}"
        self._reporter.phase(phase, text)


def _packages(count: int) -> str:
    return f"{count} package" if count == 1 else f"{count} packages"
