"""Frames come off a transport whole, however they were cut, and large ones without extra copies."""

from __future__ import annotations

import threading

import pytest

from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.remembered import RememberedCancels
from synapse_worker.protocol.errors import FrameError
from synapse_worker.protocol.frames import encode_frame
from synapse_worker.transport.memory import memory_pair


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000, 5_000_000])
def test_frames_of_every_size_arrive_whole(size: int) -> None:
    ours, theirs = memory_pair()
    data = encode_frame(b"first") + encode_frame(bytes(size)) + encode_frame(b"last")
    writer = threading.Thread(target=lambda: (theirs.write(data), theirs.close()))
    writer.start()
    reader = FrameReader(ours, 1 << 24)
    received: list[bytes] = []
    while (payloads := reader.read()) is not None:
        received += map(bytes, payloads)
    writer.join()
    assert received == [b"first", bytes(size), b"last"]


def test_a_frame_over_the_limit_is_refused() -> None:
    ours, theirs = memory_pair()
    theirs.write(encode_frame(bytes(101)))
    with pytest.raises(FrameError) as refused:
        FrameReader(ours, 100).read()
    assert refused.value.code == "FRAME_TOO_LARGE"


def test_an_end_inside_a_frame_is_an_error() -> None:
    ours, theirs = memory_pair()
    theirs.write(encode_frame(b"whole")[:-1])
    theirs.close()
    reader = FrameReader(ours, 100)
    assert reader.read() == []
    with pytest.raises(FrameError) as refused:
        reader.read()
    assert refused.value.code == "FRAME_TRUNCATED"


def test_remembered_cancels_are_bounded_and_the_oldest_goes_first() -> None:
    remembered = RememberedCancels()
    for call_id in range(1, 1026):
        remembered.add(call_id)
    assert 1 not in remembered
    assert remembered.take(2)
    assert not remembered.take(2)
    assert 1025 in remembered
