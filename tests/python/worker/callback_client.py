"""A client whose functions Python can call, for tests: what the JavaScript end does, in Python."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import CallbackReference
from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.protocol.frames import Payload
    from synapse_worker.supervisor import WorkerHandle


class CallbackClient:
    """Answers a worker's calls on threads of its own, so that a callback may call the worker again."""

    def __init__(self, worker: WorkerHandle) -> None:
        self.cancelled: list[int] = []
        self._functions: dict[int, Callable[..., Any]] = {}
        connection = worker._connection
        assert connection is not None
        self._send = connection._outbox.send
        self._receive = connection._receive
        connection._receive = self._take  # type: ignore[method-assign]

    def function(self, function: Callable[..., Any]) -> CallbackReference:
        reference = CallbackReference(len(self._functions) + 1)
        self._functions[reference.id] = function
        return reference

    def release(self) -> None:
        self._functions.clear()

    def _take(self, payload: Payload) -> None:
        kind, _, call_id = decode_header(payload)
        if kind == Kind.CALL:
            threading.Thread(target=self._answer, args=(call_id, bytes(payload))).start()
        elif kind == Kind.CANCEL:
            self.cancelled.append(call_id)
        else:
            self._receive(payload)

    def _answer(self, call_id: int, payload: bytes) -> None:
        method, args, kwargs = decode_body(payload)
        assert method.startswith("$callback:")
        assert kwargs == {}
        function = self._functions.get(int(method.removeprefix("$callback:")))
        try:
            if function is None:
                raise SynapseError("CALLBACK_RELEASED", "released")
            frame = encode_message(Kind.RESULT, call_id, function(*args))
        except SynapseError as error:
            frame = encode_message(Kind.ERROR, call_id, error_to_wire(error))
        except Exception as error:
            wire = {
                "code": "INTERNAL",
                "message": str(error),
                "type": "TypeError",
                "traceback": "at x",
            }
            frame = encode_message(Kind.ERROR, call_id, wire)
        self._send(frame)
