"""Tracebacks as a user wants them on stderr: from their own code on, as `python file.py` shows."""

from __future__ import annotations

from synapse_worker.protocol.errors import is_machinery


def trim_chain(error: BaseException) -> None:
    """Drop, in place, the runtime's leading frames from `error` and all it was raised from."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        kept = current.__traceback__
        while kept is not None and is_machinery(kept.tb_frame.f_code.co_filename):
            kept = kept.tb_next
        current.__traceback__ = kept
        pending += [current.__cause__, current.__context__]
