"""The outbox coalesces small frames, keeps their order, and never holds one back for long."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.limits import MIN_SHARED_BYTES
from synapse_worker.protocol.segments import SegmentedFrame, encode_segmented_frame
from synapse_worker.transport.descriptors import Announcement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pytest


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


class SharedWire:
    """Notes what is written, and that each piece is in the memory before it is told of."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.written = b""
        self.pieces: list[bytes] = []

    def write(self, data: bytes | memoryview) -> None:
        self.written += data

    def write_parts(self, parts: Iterable[bytes | memoryview]) -> None:
        for part in parts:
            if type(part) is Announcement:
                part.put()
                at = 4096 + sum(map(len, self.pieces))
                self.pieces.append(os.pread(self.fd, int.from_bytes(part, "little"), at))
            self.written += part


def frame_with_segment(size: int) -> SegmentedFrame:
    return encode_segmented_frame(b"large", [memoryview(os.urandom(size))], 2**29)


def test_large_segments_go_through_shared_memory_once_the_other_end_has_it(
    tmp_path: Path,
) -> None:
    with (tmp_path / "memory").open("w+b") as file:
        wire = SharedWire(file.fileno())
        outbox = Outbox(wire.write, wire.write_parts)
        frame = frame_with_segment(MIN_SHARED_BYTES)
        outbox.send(frame)
        assert wire.written == frame + bytes(frame.segments[0])

        wire.written = b""
        outbox.share(file.fileno())
        outbox.post(b"before")
        outbox.send(frame)
        outbox.send(b"behind")
        assert b"".join(wire.pieces) == frame.segments[0]
        assert wire.written.startswith(b"before")
        assert wire.written.endswith(b"behind")
        assert len(wire.written) == len(b"before" + frame + b"behind") + 4 * len(wire.pieces)

        # Nobody has read it: the next one follows its frame.
        wire.written = b""
        outbox.send(frame)
        assert wire.written == frame + bytes(frame.segments[0])


def test_what_a_destructor_sends_meanwhile_comes_behind_the_segments(tmp_path: Path) -> None:
    with (tmp_path / "memory").open("w+b") as file:
        wire = SharedWire(file.fileno())
        small, large = b"small", frame_with_segment(MIN_SHARED_BYTES)
        messages = [
            small,
            large,
        ]  # while the memory is being written to: it must not be taken twice

        def write_parts(parts: Iterable[bytes | memoryview]) -> None:
            while messages:
                outbox.send(messages.pop(0))
            wire.write_parts(parts)

        outbox = Outbox(wire.write, write_parts)
        outbox.share(file.fileno())
        frame = frame_with_segment(MIN_SHARED_BYTES)
        outbox.send(frame)
        assert b"".join(wire.pieces) == frame.segments[0]
        assert wire.written.endswith(small + large + bytes(large.segments[0]))


def test_a_transport_that_is_lost_amid_segments_swallows_the_rest(tmp_path: Path) -> None:
    def gone(parts: Sequence[bytes | memoryview]) -> None:
        raise BrokenPipeError

    with (tmp_path / "memory").open("w+b") as file:
        outbox = Outbox(Wire(), gone)
        outbox.share(file.fileno())
        outbox.send(frame_with_segment(MIN_SHARED_BYTES))
        assert outbox.lost


def test_smaller_segments_leave_with_what_waits_as_without_shared_memory(tmp_path: Path) -> None:
    with (tmp_path / "memory").open("w+b") as file:
        written: list[Sequence[bytes | memoryview]] = []
        outbox = Outbox(Wire(), written.append)
        outbox.share(file.fileno())
        frame = frame_with_segment(70_000)
        outbox.post(b"small")
        outbox.send(frame)
        assert written == [[b"small", frame, frame.segments[0]]]


def test_a_sender_that_cannot_be_imported_any_more_sends_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "memory").open("w+b") as file:
        wire = SharedWire(file.fileno())
        outbox = Outbox(wire.write, wire.write_parts)
        outbox.share(file.fileno())
        monkeypatch.setitem(sys.modules, "synapse_worker.peer.shared_sending", None)
        frame = frame_with_segment(MIN_SHARED_BYTES)
        outbox.send(frame)
        outbox.send(b"behind")
        assert wire.written == frame + bytes(frame.segments[0]) + b"behind"
        assert not outbox.lost
