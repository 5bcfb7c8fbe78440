"""The supervisor's end of the control socket delivers no event before it is told to."""

from __future__ import annotations

import socket
from typing import Any

from synapse_worker.supervisor.control_link import ControlLink


def test_an_event_that_is_there_at_once_waits_for_who_answers_it() -> None:
    ours, theirs = socket.socketpair()
    heard: list[dict[str, Any]] = []
    with ours, theirs:
        theirs.sendall(b'{"event": "ready"}\n')
        link = ControlLink(ours.fileno(), heard.append)
        assert not link._thread.is_alive()
        assert heard == []
        theirs.shutdown(socket.SHUT_WR)
        link.start()
        link.join(10)
    assert heard == [{"event": "ready"}]
