"""Requests to a raw script: one at a time, and a script that takes too long for one is killed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.supervisor.connection import Connection


class RawRequests:
    """Those to one script."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill = kill
        self._one = threading.Lock()

    def send(
        self, connection: Connection, payload: bytes, timeout_ms: float | None
    ) -> bytes | None:
        """Send a payload and return that of the reply; None if the script ended instead.

        Raises:
            SynapseError: it took too long, and was killed.
        """
        timed_out = threading.Event()

        def give_up() -> None:
            timed_out.set()
            self._kill()

        timer = threading.Timer((timeout_ms or 0) / 1000, give_up)
        with self._one:
            if timeout_ms is not None:
                timer.start()
            try:
                reply = connection.request(payload)
            finally:
                timer.cancel()
        if reply is None and timed_out.is_set():
            raise SynapseError("CALL_TIMEOUT", f"The request took longer than {timeout_ms:g} ms.")
        return reply
