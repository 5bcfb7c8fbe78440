"""Segments in shared memory, against the shared vectors: frames cut at every byte, and what is put there for others."""

from __future__ import annotations

import os
import tempfile

import pytest

from synapse_worker.peer.segment_memory import SegmentMemory
from synapse_worker.peer.shared_sending import SharedSending
from synapse_worker.protocol.errors import FrameError, ProtocolError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.limits import MAX_SHARED_BYTES, MIN_SHARED_BYTES
from synapse_worker.protocol.segments import encode_segmented_frame
from synapse_worker.protocol.shared_segments import pieces_of, shared_rooms
from synapse_worker.transport import shared_memory
from synapse_worker.transport.descriptors import Announcement
from synapse_worker.transport.shared_memory import SharedMemory

from .vectors import cases, title, to_bytes

MIB = 1024 * 1024


@pytest.fixture
def fd():
    with tempfile.TemporaryFile() as file:
        yield file.fileno()


def held(fd, data=b""):
    """Memory that another has put `data` into."""
    os.pwrite(fd, b"\1", 0)
    os.pwrite(fd, data, 4096)
    return SharedMemory(fd)


def decoder_of(vector, shared):
    return FrameDecoder(vector.get("max_frame_bytes", 2**29), SegmentMemory, lambda: shared)


def plain(payload):
    return bytes(payload), [bytes(memory.view) for memory in getattr(payload, "segments", [])]


def is_free(fd):
    return os.pread(fd, 1, 0) == b"\0"


@pytest.mark.parametrize("vector", cases("segments.json", "shared"), ids=title)
def test_a_stream_cut_at_any_byte_gives_the_same_frames_and_frees_the_memory(vector, fd):
    stream = to_bytes(vector["stream"])
    expected = [
        (to_bytes(frame["payload"]), [to_bytes(part) for part in frame.get("segments", [])])
        for frame in vector["frames"]
    ]
    for cut in range(len(stream) + 1):
        decoder = decoder_of(vector, held(fd, to_bytes(vector["memory"])))
        payloads = [plain(p) for part in (stream[:cut], stream[cut:]) for p in decoder.feed(part)]
        assert payloads == expected
        decoder.end()
        assert is_free(fd)


@pytest.mark.parametrize("vector", cases("segments.json", "shared_refused"), ids=title)
def test_what_cannot_be_is_refused_at_every_cut(vector, fd):
    stream = to_bytes(vector["stream"])
    for cut in range(len(stream) + 1):
        decoder = decoder_of(vector, held(fd, to_bytes(vector["memory"])))

        def read_all(decoder=decoder, cut=cut):
            decoder.feed(stream[:cut])
            decoder.feed(stream[cut:])
            decoder.end()

        with pytest.raises((FrameError, ProtocolError)) as caught:
            read_all()
        assert caught.value.code == vector["error"]


def test_bytes_that_are_not_there_are_refused(fd):
    decoder = decoder_of({}, held(fd, b"\xaa"))
    with pytest.raises(ProtocolError, match="ends at byte 4,097; more is said to lie there"):
        decoder.feed(bytes.fromhex("0100008005010000800200000002000000"))


def test_memory_that_somebody_has_closed_breaks_the_connection_in_words(fd):
    closed = os.dup(fd)
    decoder = decoder_of({}, held(closed, b"\xaa"))
    os.close(closed)
    with pytest.raises(ProtocolError, match="Shared memory cannot be read"):
        decoder.feed(bytes.fromhex("0100008005010000800100000001000000"))


def test_without_the_memory_such_frames_are_refused():
    decoder = FrameDecoder(2**29, SegmentMemory)
    with pytest.raises(ProtocolError, match="on a channel without any"):
        decoder.feed(bytes.fromhex("01000080050100008001000000"))


def written(parts):
    """What a transport writes of the parts; each announcement puts its piece before."""
    for part in parts:
        if type(part) is Announcement:
            part.put()
        yield part


@pytest.mark.parametrize(
    "sizes", [[8 * MIB], [9 * MIB + 1, 0, 70_001, 3], [4 * MIB - 1, 4 * MIB + 1]], ids=str
)
def test_what_is_put_there_is_what_the_other_end_takes(sizes, fd):
    segments = [os.urandom(size) for size in sizes]
    frame = encode_segmented_frame(b"payload", [memoryview(part) for part in segments], 2**29)
    parts = SharedSending(fd).parts_of(frame)
    assert parts is not None
    decoder = decoder_of({}, SharedMemory(fd))
    payloads = [plain(p) for part in written(parts) for p in decoder.feed(part)]
    assert payloads == [(b"payload", segments)]
    assert is_free(fd)


class Memory:
    """Memory that is slow to take, or to put to, as often as it is told."""

    def __init__(self, *slow):
        self.slow = list(slow)
        self.was_slow = False
        self.taken = []

    def moved(self):
        self.was_slow = bool(self.slow) and self.slow.pop(0)

    def take(self, view, at):
        self.taken.append((len(view), at))
        self.moved()

    def release(self):
        self.taken.append("released")


@pytest.mark.parametrize(
    ("size", "first"), [(512 * 1024, 512 * 1024), (32 * MIB - 1, 512 * 1024), (32 * MIB, 4 * MIB)]
)
def test_pieces_are_small_until_nodes_threads_take_them(size, first):
    number, piece, _at = next(pieces_of([memoryview(bytes(size))], Memory()))
    assert [int.from_bytes(number, "little"), len(piece)] == [first, first]


def test_pieces_are_large_behind_one_that_was_slow():
    memory = Memory(False, True, True, False)
    told = []
    for number, piece, at in pieces_of(
        [memoryview(bytes(9 * MIB)), memoryview(bytes(MIB))], memory
    ):
        assert int.from_bytes(number, "little") == len(piece)
        told.append((len(piece), at - 4096))
        memory.moved()
    half = MIB // 2
    assert told == [
        (half, 0),
        (half, half),
        (4 * MIB, MIB),
        (4 * MIB, 5 * MIB),
        (half, 9 * MIB),
        (half, 9 * MIB + half),
    ]


def test_what_is_told_behind_a_slow_piece_is_taken_together():
    memory = Memory(True, True, False)
    views = [memoryview(bytearray(6 * MIB)), memoryview(bytearray(MIB))]
    for room in shared_rooms(views, memory):
        room[:] = MIB.to_bytes(4, "little")
    assert memory.taken == [
        (MIB, 4096),
        (4 * MIB, 4096 + MIB),
        (MIB, 4096 + 5 * MIB),
        (MIB, 4096 + 6 * MIB),
        "released",
    ]


def test_memory_says_what_took_long(fd, monkeypatch):
    times = iter([1.0, 1.001, 2.0, 2.005, 3.0, 3.005, 4.0, 4.001])
    monkeypatch.setattr(shared_memory, "perf_counter", lambda: next(times))
    memory, view = SharedMemory(fd), memoryview(bytearray(b"abc"))
    said = []
    for move in (memory.put, memory.put, memory.take, memory.take):
        move(view, 4096)
        said.append(memory.was_slow)
    assert said == [False, True, True, False]


def frame_of(size):
    return encode_segmented_frame(b"p", [memoryview(bytes(size))], 2**29)


@pytest.mark.parametrize("size", [MIN_SHARED_BYTES - 1, MAX_SHARED_BYTES + 1])
def test_what_is_too_small_or_too_large_follows_its_frame(size, fd):
    assert SharedSending(fd).parts_of(frame_of(size)) is None


def test_memory_that_is_in_use_is_left_alone(fd):
    held(fd, b"another's")
    sending = SharedSending(fd)
    assert sending.parts_of(frame_of(MIN_SHARED_BYTES)) is None
    sending.trim()
    assert os.pread(fd, 9, 4096) == b"another's"
    SharedMemory(fd).release()
    assert sending.parts_of(frame_of(MIN_SHARED_BYTES)) is not None


def test_memory_that_cannot_be_as_large_is_not_used():
    reader, writer = os.pipe()  # nothing can be put at a place in a pipe
    try:
        assert SharedSending(writer).parts_of(frame_of(MIN_SHARED_BYTES)) is None
    finally:
        os.close(reader)
        os.close(writer)


def test_trimmed_memory_is_given_back_and_can_be_used_again(fd):
    sending = SharedSending(fd)
    sizes = []
    for size in (MIN_SHARED_BYTES, 9 * MIB, 5 * MIB):
        for part in written(sending.parts_of(frame_of(size))):
            assert part
        SharedMemory(fd).release()
        sending.trim()
        sizes.append(os.fstat(fd).st_size)
    assert sizes == [
        MIB,
        4096 + 4 * MIB,
        4096 + 4 * MIB,
    ]  # a little stays, for what comes after a pause
