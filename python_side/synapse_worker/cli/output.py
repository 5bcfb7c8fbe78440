"""Where the command line's words go: results to stdout, everything else to stderr.

With --json stdout carries exactly one JSON document, also when the command fails: the error then
stands in one line, so that it can be the last line of a stream's items.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING

from .build_display import BuildDisplay, draws_lines
from .failure_text import failure_map, failure_sentence
from .own_command import as_typed
from .plain import plain
from .terminal_line import TerminalLine

if TYPE_CHECKING:
    from collections.abc import Mapping


class Output:
    """Prints for people, or for programs."""

    def __init__(self, *, as_json: bool, debug: bool) -> None:
        self.as_json = as_json
        self._debug = debug
        self._line = TerminalLine(sys.stderr, is_drawn=not as_json and draws_lines(sys.stderr))
        self._build = BuildDisplay(self._line, self._write_note)

    def result(self, value: object, text: str) -> None:
        """Print a command's result in the form asked for."""
        self.clear()
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, indent=2))
        elif text:
            print(text)

    def note(self, text: str) -> None:
        """Tell a person something that is not the result."""
        self.clear()
        self._write_note(as_typed(text))

    def status(self, text: str) -> None:
        """Show what is going on: in place in a terminal, as a line elsewhere."""
        if self._line.is_drawn:
            self._line.draw(lambda _width: text)
        else:
            self.note(text)

    def call_progress(self, value: object) -> None:
        """Show what a running call reports: in place in a terminal, as a line elsewhere."""
        self._build.end()
        self.status(f"progress {json.dumps(plain(value), ensure_ascii=False)}")

    def clear(self) -> None:
        """Take away the line that says what is going on."""
        self._build.end()

    def interrupted(self) -> None:
        """Say that a person has had enough."""
        self.clear()
        self._line.clear(with_echo=True)
        self._write_note("synapse: interrupted")

    def event(self, event: Mapping[str, object]) -> None:
        """Show one event of an environment build."""
        self._build.show(event)

    def failure(self, error: BaseException) -> None:
        """Print one clear sentence, what to do, and the tool's lines where a tool failed."""
        self.clear()
        if self.as_json:
            failure = failure_map(error, debug=self._debug)
            print(json.dumps({"error": failure}, ensure_ascii=False), flush=True)
        elif self._debug:
            traceback.print_exception(error)
            sys.stderr.write(getattr(error, "traceback", ""))
        print(as_typed(f"synapse: {failure_sentence(error)}"), file=sys.stderr)

    def _write_note(self, text: str) -> None:
        if not self.as_json:
            print(text, file=sys.stderr, flush=True)
