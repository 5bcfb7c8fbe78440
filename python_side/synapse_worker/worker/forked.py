"""Keep forked children of user code off the worker's channels.

Descriptors close on exec, but `os.fork` and `multiprocessing` copy them. A child that wrote to
the channel, or merely held it open, would corrupt it or hide its end of file. Nor may a child whose
user code returns go on as a second worker: it ends there. And SIGTERM ends it like any process: a
worker that drains handles it, and pools of `multiprocessing` end their children by it.
"""

from __future__ import annotations

import os
from _thread import get_ident

from synapse_worker.worker.plain_signal import signal

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Whether this is a child that user code has forked.
in_child = False


def end_in_child(failure: BaseException | None = None) -> None:
    """End this process if user code forked it: that code has returned, or raised `failure`.

    No clean-up runs and no buffer is flushed: all of it is a copy of what belongs to the worker.
    """
    if in_child:
        status = getattr(failure, "code", None) if isinstance(failure, SystemExit) else None
        os._exit(status & 0xFF if isinstance(status, int) else int(failure is not None))


def silence_in_children(
    descriptors: Iterable[int], and_then: Callable[[], None] | None = None
) -> None:
    """Have every forked child put the null device over `descriptors`, then call `and_then`."""
    masks: dict[int, set[int]] = {}

    def before_fork() -> None:
        # A child would forget a SIGTERM that comes while its handler is still the worker's.
        masks[get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def restore_mask() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop(get_ident()))

    def after_fork_in_child() -> None:
        global in_child
        in_child = True
        _take_back_handler()
        restore_mask()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in descriptors:
            _cover(fd, null)
        if null not in descriptors:
            os.close(null)
        if and_then is not None:
            and_then()

    os.register_at_fork(
        before=before_fork, after_in_parent=restore_mask, after_in_child=after_fork_in_child
    )


def _take_back_handler() -> None:
    handler = signal.getsignal(signal.SIGTERM)
    # What user code has set itself is its own.
    if str(getattr(handler, "__module__", "")).startswith("synapse_worker."):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _cover(fd: int, null: int) -> None:
    try:
        os.dup2(null, fd, inheritable=False)
    except OSError:  # its number is beyond what a limit on open files allows now
        os.close(fd)
