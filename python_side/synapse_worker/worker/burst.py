"""What was read together is served together: one loop over all of it, and one function a step.

Nearly everything that comes is a short call of a synchronous function, of a form that came before. Those
are served in the loop itself: found, decoded, written down as begun, run. Whatever is not exactly that (another
kind or flag, a new form, an async method, a worker that drains, a call that was taken back, a wrong id,
arguments that do not decode) goes to the dispatcher, which knows all of it and what to say about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.protocol.messages import HEADER_BYTES, Kind, unpack_header
from synapse_worker.worker.call_forms import (
    NAME_AND_BEFORE,
    NO_KEYWORDS,
    TEXT_HEADER,
    TEXT_SIZE,
)
from synapse_worker.worker.context import Context

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.calls import Calls
    from synapse_worker.worker.late_flush import LateFlush

# The first two bytes of a message that is a CALL without flags, as one number.
PLAIN_CALL = int(Kind.CALL)
KIND_AND_FLAGS = 0xFFFF


class Burst:
    """Serves payloads that have arrived, in order."""

    def __init__(
        self,
        calls: Calls,
        receive: Callable[[Payload], None],
        outbox: Outbox,
        late_flush: LateFlush,
    ) -> None:
        self._calls = calls
        self._receive = receive
        self._outbox = outbox
        self._late_flush = late_flush

    def serve(self, arrived: deque[Payload]) -> None:
        """Serve all that has arrived, and what arrives meanwhile.

        Raises:
            ProtocolError: the client broke the protocol; the connection cannot go on.
            ClientFailedError: the client says that it cannot go on.
        """
        calls, outbox, late_flush = self._calls, self._outbox, self._late_flush
        form_of = calls.forms.known.get
        begun = calls.ledger.words
        run = calls.sync.run
        while arrived:
            if outbox.frames and not late_flush.armed:
                late_flush.arm()
            # One at a time: a method that waits for a callback serves those behind it meanwhile.
            payload = arrived.popleft()
            form = None
            try:
                (header,) = unpack_header(payload)
                # As bytes come short ones alone (`COPIED_BYTES`).
                if header & KIND_AND_FLAGS == PLAIN_CALL and type(payload) is bytes:
                    name_end = NAME_AND_BEFORE + (payload[TEXT_HEADER] & TEXT_SIZE)
                    found = form_of(payload[HEADER_BYTES : name_end + 1])
                    if (
                        found is not None
                        and payload[-1] == NO_KEYWORDS
                        and not found.method.is_async
                    ):
                        args = found.decode(payload[name_end:-1])
                        call_id = header >> 16
                        form = found
            except Exception:  # whatever is wrong, the general way says it better
                pass
            if form is None or calls.draining or call_id <= calls.last_id:
                self._receive(payload)
                continue
            # In this order: the client takes a call back, and then looks whether it was begun.
            begun[0] = call_id
            if call_id <= begun[1]:
                self._receive(payload)
                continue
            calls.last_id = call_id
            context = Context(call_id, form.method.name, calls.reports, 0)
            run(form.method, form.target, context, args, {}, 0)
            calls.end_of_arrival(call_id)
