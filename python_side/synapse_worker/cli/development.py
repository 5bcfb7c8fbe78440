"""The loop of `synapse dev`: refresh what changed, start the command once all is good, wait for an edit.

How a client is generated is not known here; it is handed in.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

from synapse_worker.protocol.errors import SynapseError

from .command import EXIT_FAILED
from .companion import Companion
from .diagnostics import Diagnostic, diagnose, short_path
from .parent import parent_has_gone
from .watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from synapse_worker.schema.definitions import SchemaWarning

    from .output import Output


class Generated(Protocol):
    """What came of generating one client."""

    @property
    def path(self) -> Path:
        """The generated file."""

    @property
    def changed(self) -> bool:
        """Whether it was written: it differed, or was not there."""

    @property
    def warnings(self) -> Sequence[SchemaWarning]:
        """What could not be described."""


class Development:
    """Keeps the clients of some modules up to date, beside a command that uses them."""

    def __init__(
        self,
        directories: Sequence[Path],
        generate: Callable[[Path], Generated],
        command: Sequence[str],
        output: Output,
    ) -> None:
        """Take what generates the client of one module; it raises SynapseError for its faults."""
        self._directories = directories
        self._generate = generate
        self._command = command
        self._output = output
        self._companion: Companion | None = None
        self._failing: set[Path] = set()

    def run(self) -> int:
        """Return the command's exit code; without a command, only Ctrl-C ends this."""
        # Before the first look at the code: an edit made meanwhile is an edit.
        watcher = Watcher(self._directories)
        changed = list(self._directories)
        try:
            while True:
                for directory in changed:
                    self._refresh(directory)
                self._start_command()
                paths = watcher.wait(until=lambda: self._exit_code is not None or parent_has_gone())
                if self._exit_code is not None:
                    return self._exit_code
                if parent_has_gone():
                    return EXIT_FAILED
                changed = [
                    directory
                    for directory in self._directories
                    if any(path.is_relative_to(directory) for path in paths)
                ]
        finally:
            if self._companion is not None:
                self._companion.end()

    @property
    def _exit_code(self) -> int | None:
        return None if self._companion is None else self._companion.exit_code

    def _refresh(self, directory: Path) -> None:
        """Check the module's code, and have its client written again if that differs."""
        started_at = time.monotonic()
        try:
            generated = self._generate(directory)
        except (SynapseError, OSError) as error:
            self._failing.add(directory)
            self._tell("failed", directory, diagnose(error, directory))
            return
        milliseconds = round((time.monotonic() - started_at) * 1000)
        for warning in generated.warnings:
            message = f"{warning.where}: {warning.message}"
            found = Diagnostic(message, warning.file, warning.line, severity="warning")
            self._tell("warning", directory, found)
        mended = "mended, " if directory in self._failing else ""
        self._failing.discard(directory)
        news = "written" if generated.changed else "unchanged"
        if self._output.as_json:
            self._print(
                event="ready",
                module=str(directory),
                path=str(generated.path),
                changed=generated.changed,
                milliseconds=milliseconds,
            )
        else:
            text = f"{mended}{short_path(generated.path)} {news} ({milliseconds} ms)"
            self._output.note(f"✓ {_name(directory)}: {text}")

    def _tell(self, event: str, directory: Path, found: Diagnostic) -> None:
        if self._output.as_json:
            self._print(event=event, module=str(directory), **found.to_json())
            return
        self._output.note(found.text())
        if event == "failed":
            self._output.note(f"✗ {_name(directory)}: the last good client stays")

    def _start_command(self) -> None:
        """Start the command, unless it runs: not before all modules were good."""
        if not self._command or self._companion is not None:
            return
        if self._failing:
            self._output.note(f"  {' '.join(self._command)}: starts when that is mended")
            return
        # What is wrong with these is said here, once, and their clients are written here.
        folders = [os.path.realpath(directory) for directory in self._directories]
        self._companion = Companion(
            self._command,
            {**os.environ, "SYNAPSE_WATCH": "1", "SYNAPSE_DEV": os.pathsep.join(folders)},
            # Our stdout carries JSON lines then, and nothing else.
            stdout=sys.stderr.fileno() if self._output.as_json else None,
        )

    def _print(self, **event: object) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)


def _name(directory: Path) -> str:
    return directory.resolve().name
