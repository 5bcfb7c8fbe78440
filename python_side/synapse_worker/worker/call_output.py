"""`sys.stdout` and `sys.stderr` of a native worker: what a call prints travels as its own log lines.

Text that is written while a call runs becomes LOG messages with its id, a line each, in the order in
which it was written. Everything else, what C code prints and what goes to `sys.stdout.buffer`
included, leaves through the descriptors, of nobody in particular.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from synapse_worker.worker.context import running_call

if TYPE_CHECKING:
    from synapse_worker.worker.reports import Reports

STREAMS = ("stdout", "stderr")


class CallOutput(io.TextIOWrapper):
    """A standard stream that knows whether a call is running."""

    def __init__(self, plain: io.TextIOWrapper, source: str) -> None:
        super().__init__(
            plain.buffer,
            encoding=plain.encoding,
            errors="backslashreplace",
            line_buffering=True,
            write_through=plain.write_through,
        )
        vars(self)["mode"] = plain.mode
        self._source = source
        self.reports: Reports | None = None

    def write(self, text: str, /) -> int:
        """Write `text` where it belongs; return how many characters that are."""
        call = running_call()
        if call is None or self.reports is None or not isinstance(text, str):
            return super().write(text)
        self.reports.printed(call, self._source, text)
        return len(text)


# Kept for good: user code that puts a wrapper of its own around `sys.stdout.buffer` lets go of ours,
# which would close that buffer on its way out.
_installed: dict[str, CallOutput] = {}


def install() -> None:
    """Take the place of the standard streams, before user code can keep hold of them."""
    for source in STREAMS:
        plain = getattr(sys, source)
        if isinstance(plain, io.TextIOWrapper) and source not in _installed:
            _installed[source] = CallOutput(plain, source)
            setattr(sys, source, _installed[source])


def attribute_to(reports: Reports) -> None:
    """Send from now on what calls print by `reports`."""
    for stream in _installed.values():
        stream.reports = reports
