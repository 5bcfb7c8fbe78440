"""One line at the end of a terminal that is drawn over itself and taken away again."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_CLEAR = "\r\x1b[2K"
# What a terminal that does not know its width counts as.
_USUAL_WIDTH = 80


class TerminalLine:
    """Draws on a stream; where `is_drawn` is false nothing is ever drawn."""

    def __init__(self, stream: TextIO, *, is_drawn: bool) -> None:
        self._stream = stream
        self.is_drawn = is_drawn
        self.speaks_unicode = (getattr(stream, "encoding", None) or "").lower().startswith("utf")
        self._is_open = False
        # A ticker draws while another thread writes below.
        self._guard = threading.RLock()

    def draw(self, text: Callable[[int], str]) -> None:
        """Draw the line anew; `text` is given the terminal's width as it is now."""
        with self._guard:
            # First: Ctrl-C may come between any two of these lines.
            self._is_open = True
            # The terminal may have gone: that ends no build.
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(f"{_CLEAR}{text(self._width())}")
                self._stream.flush()

    def clear(self, *, with_echo: bool = False) -> None:
        """Take the line away; `with_echo` also the ^C that the terminal has put there."""
        with self._guard:
            if self._is_open or (with_echo and self.is_drawn):
                self._is_open = False
                with contextlib.suppress(OSError, ValueError):
                    self._stream.write(_CLEAR)
                    self._stream.flush()

    def put_aside(self, write: Callable[[], None]) -> None:
        """Keep the line away while something else is written."""
        with self._guard:
            self.clear()
            write()

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or _USUAL_WIDTH
        except (OSError, ValueError):
            return _USUAL_WIDTH
