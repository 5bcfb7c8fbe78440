"""What was read together is served together: one loop over all of it, and one function a step.

Nearly everything that comes is a short call of a synchronous function, of a form that came before. Those
are served in the loop itself: found, decoded, written down as begun, run. Whatever is not exactly that (another
kind or flag, a new form, an async method, a worker that drains, a call that was taken back, a wrong id,
arguments that do not decode) goes to the dispatcher, which knows all of it and what to say about it.
"""

from __future__ import annotations

from contextvars import copy_context
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from synapse_worker.protocol.messages import HEADER_BYTES, unpack_header
from synapse_worker.worker import forked
from synapse_worker.worker.call_forms import (
    NAME_AND_BEFORE,
    NO_KEYWORDS,
    TEXT_HEADER,
    TEXT_SIZE,
)
from synapse_worker.worker.context import Context, enter
from synapse_worker.worker.sync_calls import SLOW_RUN_NS

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.calls import Calls
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.late_flush import LateFlush
    from synapse_worker.worker.replies import Replies

# The first two bytes of a message that is a CALL without flags, as one number. Written out, as compiled code has it
# in itself then; a test holds it against `Kind`.
PLAIN_CALL: Final = 2
KIND_AND_FLAGS: Final = 0xFFFF
NO_FLAGS: Final = 0
NO_NAMES: Final[dict[str, Any]] = {}


class Burst:
    """Serves payloads that have arrived, in order."""

    def __init__(
        self,
        calls: Calls,
        receive: Callable[[Payload], None],
        interruptor: Interruptor,
        outbox: Outbox,
        replies: Replies,
        late_flush: LateFlush,
    ) -> None:
        self._calls = calls
        self._receive = receive
        self._interruptor = interruptor
        self._outbox = outbox
        self._replies = replies
        self._late_flush = late_flush

    def serve(self, arrived: deque[Payload]) -> None:
        """Serve all that has arrived, and what arrives meanwhile.

        Raises:
            ProtocolError: the client broke the protocol; the connection cannot go on.
            ClientFailedError: the client says that it cannot go on.
        """
        calls, outbox, late_flush = self._calls, self._outbox, self._late_flush
        interruptor, remembered = self._interruptor, self._interruptor.remembered
        forms, begun = calls.forms.known, calls.ledger.words
        frames, replies, gathers = outbox.frames, self._replies, calls.ledger.is_read
        # What comes from elsewhere is looked up once, and not for each call.
        clock, new_variables, unpack = perf_counter_ns, copy_context, unpack_header
        next_payload = arrived.popleft
        while arrived:
            if frames:
                if not gathers:
                    outbox.flush()
                elif not late_flush.armed:
                    late_flush.arm()
            # One at a time: a method that waits for a callback serves those behind it meanwhile.
            payload = next_payload()

            # Find its form, and decode its arguments.
            form = None
            try:
                header: int = unpack(payload)[0]
                # As bytes come short ones alone (`COPIED_BYTES`).
                if header & KIND_AND_FLAGS == PLAIN_CALL and type(payload) is bytes:
                    name_end = NAME_AND_BEFORE + (payload[TEXT_HEADER] & TEXT_SIZE)
                    found = forms.get(payload[HEADER_BYTES : name_end + 1])
                    if found and payload[-1] == NO_KEYWORDS and not found.method.is_async:
                        args = found.decode(payload[name_end:-1])
                        call_id = header >> 16
                        form = found
            except Exception:  # whatever is wrong, the general way says it better
                pass
            if form is None or calls.draining or call_id <= calls.last_id:
                self._receive(payload)
                continue

            # Write down that it begins, and only then look whether the client has taken it back, which does
            # these two things the other way round.
            begun[0] = call_id
            if call_id <= begun[1]:
                self._receive(payload)
                continue
            calls.last_id = call_id

            # Run it.
            method = form.method
            if method.last_run_ns > SLOW_RUN_NS:
                outbox.flush()
            context = Context(call_id, method.name, calls.reports, NO_FLAGS)
            run_with_variables = new_variables().run
            run_with_variables(enter, context)
            started_ns: int = clock()
            value, failure = interruptor.run(
                call_id, run_with_variables, form.target_alone + args, NO_NAMES, context
            )
            ended_ns: int = clock()
            run_ns = ended_ns - started_ns

            # Answer it.
            if (
                failure is not None
                or run_ns > SLOW_RUN_NS
                or interruptor.was_interrupted
                or context.unfinished_lines
                or forked.in_child
            ):
                calls.sync.answer(method, context, args, NO_NAMES, value, failure, run_ns, NO_FLAGS)
            else:
                method.last_run_ns = run_ns
                context.settled = True
                outbox.post(replies.result(call_id, value), ended_ns)
            if call_id > calls.highest_id:
                calls.highest_id = call_id
            if remembered:
                calls.end_of_arrival(call_id)

            # Let go of all it had: the next one may run for long.
            del args, context, run_with_variables, value, failure
