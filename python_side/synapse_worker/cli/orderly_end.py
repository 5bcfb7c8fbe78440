"""Lets a command that keeps something on its way tidy up also where it is told to end, not only after Ctrl-C."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP)
# Until whatever swallowed an end has gone on.
_AGAIN_S = 0.01


def end_orderly() -> None:
    """From here on, end as a signal says, but through every `finally`; what is ignored (nohup) stays so."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    report = sys.unraisablehook

    def raise_again(unraisable: sys.UnraisableHookArgs) -> None:
        # Destructors and callbacks of weak references, those of every import among them, swallow all that is raised.
        end = unraisable.exc_value
        if isinstance(end, (SystemExit, KeyboardInterrupt)):
            signal.signal(signal.SIGALRM, lambda *_: _raise(end))
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        else:
            report(unraisable)

    sys.unraisablehook = raise_again


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)  # a second one must not cut the tidying short
    raise SystemExit(128 + number)


def _raise(end: BaseException) -> NoReturn:
    raise end
