"""Lets a command that keeps something on its way tidy up also where it is told to end, not only after Ctrl-C."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP)


def end_orderly() -> None:
    """From here on, end as a signal says, but through every `finally`; what is ignored (nohup) stays so."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)  # a second one must not cut the tidying short
    raise SystemExit(128 + number)
