"""Interrupt one step of a display at every moment at which Python looks for signals; print how often that landed.

Whatever the moment, the display has to end afterwards. Run by `test_build_display.py` as
`python interrupt_the_display.py show|end`, in a process of its own: threads that never started are left in it.
"""

from __future__ import annotations

import io
import itertools
import sys
import threading
from typing import TYPE_CHECKING

from synapse_worker.cli.build_display import BuildDisplay
from synapse_worker.cli.terminal_line import TerminalLine

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = (
    {"event": "phase", "phase": "install", "message": "Installing"},
    {"event": "warning", "message": "odd"},
)
# Only a watchdog: an end takes no time.
ENDS_WITHIN_S = 30


def show(display: BuildDisplay) -> None:
    for event in EVENTS:
        display.show(event)


def is_interrupted_at(moment: int, action: Callable[[], None]) -> bool:
    """Do it and raise KeyboardInterrupt at the n-th such moment; say whether it came to that."""
    left = moment

    # Python looks for signals where a function begins, and behind a call.
    def look(_frame: object, what: str, _of: object) -> None:
        nonlocal left
        if what in ("call", "c_return"):
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

    sys.setprofile(look)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def main(step: str) -> int:
    for moment in itertools.count(1):
        display = BuildDisplay(TerminalLine(io.StringIO(), is_drawn=True), lambda _text: None)
        if step == "end":
            show(display)
        actions = {"show": lambda d=display: show(d), "end": display.end}
        landed = is_interrupted_at(moment, actions[step])
        ending = threading.Thread(target=display.end, daemon=True)
        ending.start()
        ending.join(ENDS_WITHIN_S)
        if ending.is_alive():
            sys.exit(f"interrupted at moment {moment} of {step}, it never ends")
        if not landed:
            return moment - 1
    raise AssertionError


if __name__ == "__main__":
    print(main(sys.argv[1]))
