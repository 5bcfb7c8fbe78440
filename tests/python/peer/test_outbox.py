"""The outbox coalesces small frames, keeps their order, and never holds one back for long."""

from __future__ import annotations

import threading

from synapse_worker.peer.outbox import Outbox


class Wire:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def __call__(self, data: bytes) -> None:
        self.writes.append(data)


def test_posted_frames_leave_together_at_the_flush() -> None:
    wire = Wire()
    outbox = Outbox(wire)
    outbox.post(b"a")
    outbox.post(b"b")
    assert wire.writes == []
    outbox.flush()
    assert wire.writes == [b"ab"]
    outbox.flush()
    assert wire.writes == [b"ab"]


def test_sixteen_frames_leave_at_once() -> None:
    wire = Wire()
    outbox = Outbox(wire)
    for _ in range(17):
        outbox.post(b"x")
    # Fewer may have left earlier, if this machine was slow; never more in one piece.
    assert wire.writes
    assert max(map(len, wire.writes)) <= 16


def test_a_large_frame_leaves_at_once_and_is_not_copied_together() -> None:
    wire = Wire()
    outbox = Outbox(wire)
    large = bytes(200_000)
    outbox.post(b"small")
    outbox.post(large)
    assert wire.writes == [b"small", large]
    assert wire.writes[1] is large


def test_a_sent_frame_takes_what_waits_along_in_order() -> None:
    wire = Wire()
    outbox = Outbox(wire)
    outbox.post(b"1")
    outbox.send(b"2")
    assert b"".join(wire.writes) == b"12"


def test_a_lost_transport_is_noted_and_swallows_the_rest() -> None:
    def gone(data: bytes) -> None:
        raise BrokenPipeError

    outbox = Outbox(gone)
    outbox.send(b"x")
    assert outbox.lost
    outbox.send(b"y")
    assert not outbox.frames


def test_a_write_that_is_re_entered_keeps_frames_whole() -> None:
    written: list[bytes] = []

    def write(data: bytes) -> None:
        if data == b"outer":
            outbox.send(b"from a destructor")
            assert written == []
        written.append(data)

    outbox = Outbox(write)
    outbox.send(b"outer")
    assert written == [b"outer", b"from a destructor"]


def test_threads_never_tear_each_others_frames() -> None:
    wire = Wire()
    outbox = Outbox(wire)

    def post(letter: bytes) -> None:
        for _ in range(500):
            outbox.post(letter * 10)

    threads = [threading.Thread(target=post, args=(bytes([letter]),)) for letter in b"abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.flush()
    data = b"".join(wire.writes)
    assert len(data) == 4 * 500 * 10
    assert all(len(set(data[at : at + 10])) == 1 for at in range(0, len(data), 10))
