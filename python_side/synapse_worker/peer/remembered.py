"""Cancels that arrived before the calls they are for.

Cancels travel beside the data, so one may overtake its call; ids only grow, so it is known
which have not been seen. See "Cancel" in `docs/protocol.md`.
"""

from __future__ import annotations

from synapse_worker.protocol.limits import MAX_REMEMBERED_CANCELS


class RememberedCancels(dict[int, None]):
    """A bounded set of ids; the oldest is dropped. Safe to use from a signal handler.

    A dict by birth, because whether an id is in it, and whether any is, is asked for every call.
    """

    __slots__ = ()

    def add(self, call_id: int) -> None:
        """Remember `call_id`."""
        self[call_id] = None
        if len(self) > MAX_REMEMBERED_CANCELS:
            self.pop(next(iter(self)), None)

    def take(self, call_id: int) -> bool:
        """Forget `call_id`; say whether it was remembered."""
        return self.pop(call_id, self) is None
