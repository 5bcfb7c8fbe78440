"""Cancels that arrived before the calls they are for.

Cancels travel beside the data, so one may overtake its call; ids only grow, so it is known
which have not been seen. See "Cancel" in `docs/protocol.md`.
"""

from __future__ import annotations

from synapse_worker.protocol.limits import MAX_REMEMBERED_CANCELS


class RememberedCancels:
    """A bounded set of ids; the oldest is dropped. Safe to use from a signal handler."""

    __slots__ = ("_ids",)

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}

    def __contains__(self, call_id: int) -> bool:
        return call_id in self._ids

    def __bool__(self) -> bool:
        return bool(self._ids)

    def add(self, call_id: int) -> None:
        """Remember `call_id`."""
        self._ids[call_id] = None
        if len(self._ids) > MAX_REMEMBERED_CANCELS:
            self._ids.pop(next(iter(self._ids)), None)

    def take(self, call_id: int) -> bool:
        """Forget `call_id`; say whether it was remembered."""
        return self._ids.pop(call_id, self) is None
