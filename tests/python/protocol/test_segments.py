"""Segments against the shared vectors: frames cut at every byte, values by both libraries, and what is lent."""

from __future__ import annotations

import ctypes
import dataclasses
import inspect
import itertools
import sys
import tracemalloc

import msgspec
import numpy as np
import pytest

from synapse_worker.peer.segment_memory import SegmentMemory
from synapse_worker.protocol.codec import msgspec_binding
from synapse_worker.protocol.codec.large_values import LargeValueEncoder
from synapse_worker.protocol.codec.segment_references import ArrivedSegments, SegmentedBody
from synapse_worker.protocol.errors import DecodeError, FrameError, ProtocolError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message
from synapse_worker.protocol.segments import (
    SegmentedFrame,
    SegmentedPayload,
    encode_segmented_frame,
)

from .vectors import cases, same, title, to_bytes, to_value

LARGE = 65_536


def decoder_of(vector):
    return FrameDecoder(vector.get("max_frame_bytes", 2**29), SegmentMemory)


def plain(payload):
    segments = payload.segments if type(payload) is SegmentedPayload else []
    return bytes(payload), [bytes(memory.view) for memory in segments]


def frames_of(vector):
    return [
        (to_bytes(frame["payload"]), [to_bytes(part) for part in frame.get("segments", [])])
        for frame in vector["frames"]
    ]


def memory_of(data):
    memory = SegmentMemory(len(data))
    memory.view[:] = data
    return memory


def decode(codec, data, segments):
    arrived = ArrivedSegments([memory_of(to_bytes(part)) for part in segments], False)
    value = codec.decode_with(data, arrived.decode_extension)
    arrived.check_all_taken()
    return value


def payload_of(frame):
    """What the other end reads of a frame with segments."""
    stream = b"".join((frame, *frame.segments))
    (payload,) = FrameDecoder(allocate=SegmentMemory).feed(stream)
    return payload


@pytest.mark.parametrize("vector", cases("segments.json", "frames"), ids=title)
def test_a_stream_cut_at_any_byte_gives_the_same_frames(vector):
    stream = to_bytes(vector["stream"])
    for cut in range(len(stream) + 1):
        decoder = decoder_of(vector)
        payloads = [plain(p) for part in (stream[:cut], stream[cut:]) for p in decoder.feed(part)]
        assert payloads == frames_of(vector)
        decoder.end()


@pytest.mark.parametrize("vector", cases("segments.json", "frames"), ids=title)
@pytest.mark.parametrize("size", [1, 3])
def test_segments_read_straight_into_their_memory_are_the_same(vector, size):
    stream = to_bytes(vector["stream"])
    decoder, payloads, at = decoder_of(vector), [], 0
    while at < len(stream):
        vacancy = decoder.vacancy
        if vacancy is None:
            payloads += decoder.feed(stream[at : at + 1])
            at += 1
            continue
        count = min(size, len(vacancy), len(stream) - at)
        vacancy[:count] = stream[at : at + count]
        at += count
        payload = decoder.advance(count)
        payloads += [] if payload is None else [payload]
    assert [plain(payload) for payload in payloads] == frames_of(vector)


@pytest.mark.parametrize("vector", cases("segments.json", "refused"), ids=title)
def test_a_broken_frame_with_segments_is_refused(vector):
    stream = to_bytes(vector["stream"])
    for size in (1, len(stream)):
        decoder = decoder_of(vector)
        with pytest.raises((FrameError, ProtocolError)) as refused:
            feed_to_the_end(decoder, stream, size)
        assert refused.value.code == vector["error"]


def feed_to_the_end(decoder, stream, size):
    for at in range(0, len(stream), size):
        assert decoder.feed(stream[at : at + size]) == []
    decoder.end()


def test_all_parts_of_a_frame_with_segments_count_as_received():
    segments = [memoryview(bytes(1000)), memoryview(bytes(2000))]
    frame = encode_segmented_frame(b"payload", segments, 2**20)
    stream = b"".join((frame, *segments))
    for size in (1, 100, len(stream)):
        decoder = FrameDecoder(allocate=SegmentMemory)
        for at in range(0, len(stream) - 1, size):
            decoder.feed(stream[at : min(at + size, len(stream) - 1)])
        assert decoder.buffered_bytes == len(stream) - 1
        with pytest.raises(FrameError, match="3,022 bytes of at least 3,023 bytes") as truncated:
            decoder.end()
        assert truncated.value.details == {"received": len(stream) - 1}
        assert len(decoder.feed(stream[-1:] + b"\x02\0\0\0a")) == 1
        assert decoder.buffered_bytes == 5


def test_a_frame_of_empty_segments_alone_is_whole_with_its_table():
    frame = encode_segmented_frame(b"payload", [memoryview(b""), memoryview(b"")], 2**20)
    stream = frame + b"\x01\0\0\0a"
    for size in (1, len(frame) - 1, len(frame), len(stream)):
        decoder = FrameDecoder(allocate=SegmentMemory)
        payloads = []
        for at in range(0, len(stream), size):
            payloads += decoder.feed(stream[at : at + size])
        assert payloads == [b"payload", b"a"]
        assert [memory.take_bytes() for memory in payloads[0].segments] == [b"", b""]
        assert decoder.buffered_bytes == 0


def test_what_refers_to_segments_is_decoded_where_the_program_has_left_little_room(codec):
    """A hook may take a segment only once, so there is no second attempt with more room."""
    levels = 150
    body = b"\x91" * levels + b"\xd6\x05" + bytes(4)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 60)
    try:
        memory = SegmentMemory(3)
        memory.view[:] = b"abc"
        value = codec.decode_with(body, ArrivedSegments([memory], False).decode_extension)
    finally:
        sys.setrecursionlimit(limit)
    for _ in range(levels):
        (value,) = value
    assert value == b"abc"


def test_an_end_that_was_not_told_of_segments_takes_none():
    with pytest.raises(FrameError) as refused:
        FrameDecoder().feed(to_bytes("010000800101000000"))
    assert refused.value.code == "FRAME_TOO_LARGE"


@pytest.mark.parametrize(
    "vector",
    [case for case in cases("segments.json", "values") if case.get("encode", True)],
    ids=title,
)
def test_a_value_with_large_buffers_encodes_to_references(codec, vector):
    encoder = LargeValueEncoder(codec)
    value = to_value(vector["value"])
    for _ in range(3):  # by then it has learned what to expect
        encoded = encoder.encode(value)
        segments = encoded.segments if type(encoded) is SegmentedBody else []
        assert bytes(encoded) == to_bytes(vector["bytes"])
        assert [bytes(part) for part in segments] == [to_bytes(part) for part in vector["segments"]]


@pytest.mark.parametrize("vector", cases("segments.json", "values"), ids=title)
def test_references_decode_to_the_value(codec, vector):
    decoded = decode(codec, to_bytes(vector["bytes"]), vector["segments"])
    assert same(decoded, to_value(vector["value"]))


@pytest.mark.parametrize("vector", cases("segments.json", "rejects"), ids=title)
def test_references_that_do_not_fit_their_segments_are_refused(codec, vector):
    with pytest.raises(DecodeError):
        decode(codec, to_bytes(vector["bytes"]), vector["segments"])


def test_a_buffer_is_lent_and_not_copied(codec):
    array = np.arange(20_000.0)
    large = bytes(LARGE)
    encoded = LargeValueEncoder(codec).encode([array, large, {"again": array}])
    first, second, third = encoded.segments
    assert np.shares_memory(np.frombuffer(first), array)
    assert second.obj is large
    assert np.shares_memory(np.frombuffer(third), array)


@dataclasses.dataclass
class Picture:
    name: str
    pixels: bytes


class Shot(msgspec.Struct):
    pixels: bytes


@pytest.mark.parametrize(
    "value",
    [
        Picture("cat", bytes(LARGE)),
        {"shots": [(1, bytearray(LARGE))]},
        memoryview(bytes(LARGE)),
        memoryview(np.zeros((256, 512), "<f4"))[::1],
        np.zeros((300, 300))[:, ::2],
        np.zeros(20_000, ">i4"),
    ],
    ids=["dataclass", "bytearray", "memoryview", "view", "strided", "big-endian"],
)
def test_what_holds_large_bytes_travels_as_without_segments(codec, value):
    encoder = LargeValueEncoder(codec)
    for _ in range(2):
        encoded = encoder.encode(value)
        assert type(encoded) is SegmentedBody
        assert len(encoded) < 100
        segments = [memory_of(part) for part in encoded.segments]
        arrived = ArrivedSegments(segments, False)
        decoded = codec.decode_with(encoded, arrived.decode_extension)
        assert same(decoded, codec.decode(codec.encode(value)))


def test_the_bytes_of_a_struct_travel_as_a_segment():
    encoded = LargeValueEncoder(msgspec_binding.binding).encode(Shot(bytes(LARGE)))
    assert bytes(encoded) == b"\x81\xa6pixels\xd6\x05\0\0\0\0"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, Picture])
def test_large_bytes_are_not_copied_though_small_values_came_between(codec, kind):
    large = bytes(64 * LARGE)
    value = Picture("cat", large) if kind is Picture else kind(large)
    encoder = LargeValueEncoder(codec)
    if kind is Picture:  # what is in it shows once
        encoder.encode(value)
    encoder.encode(7)
    tracemalloc.start()
    try:
        encoded = encoder.encode(value)
        assert tracemalloc.get_traced_memory()[1] < len(large) / 2
    finally:
        tracemalloc.stop()
    assert [part.nbytes for part in encoded.segments] == [len(large)]


def test_a_large_value_without_large_buffers_is_encoded_once(codec):
    values = [list(range(100)) for _ in range(1000)]
    encoded = LargeValueEncoder(codec).encode(values)
    assert type(encoded) is bytes
    assert encoded == codec.encode(values)


def test_large_bytes_are_found_beside_many_small_things(codec):
    value = {"rows": [[n, str(n)] for n in range(10_000)], "pixels": bytes(LARGE)}
    assert len(LargeValueEncoder(codec).encode(value).segments) == 1


def test_what_needs_the_slow_way_round_travels_all_the_same(codec):
    value = {"big": 2**70, "pixels": bytes(LARGE), "array": np.zeros(LARGE, "u1")}
    encoded = LargeValueEncoder(codec).encode(value)
    segments = [memory_of(part) for part in getattr(encoded, "segments", [])]
    decoded = codec.decode_with(encoded, ArrivedSegments(segments, False).decode_extension)
    assert same(decoded, codec.decode(codec.encode(value)))


def test_more_large_buffers_than_there_are_segments_travel_too(codec):
    parts = [bytes(LARGE)] * 1030
    encoded = LargeValueEncoder(codec).encode(parts)
    assert len(encoded.segments) == 1024
    assert len(encoded) > 6 * LARGE


def test_a_message_arrives_with_its_segments_as_bytes_and_writable_arrays(codec):
    encode = LargeValueEncoder(codec).encode
    body = ["method", [np.arange(20_000), bytes(LARGE)], {}]
    frame = encode_message(Kind.CALL, 7, body, encode=encode)
    assert type(frame) is SegmentedFrame
    payload = payload_of(frame)
    assert decode_header(payload) == (Kind.CALL, 0, 7)
    method, (array, data), kwargs = decode_body(payload, native_arrays=True)
    assert (method, kwargs, type(data), len(data)) == ("method", {}, bytes, LARGE)
    assert array.tolist() == list(range(20_000))
    assert array.flags.writeable


def test_segments_behind_a_message_without_a_body_break_the_protocol():
    payload = SegmentedPayload(bytes([Kind.END, 0, 1, 0, 0, 0, 0, 0]))
    payload.segments = [memory_of(b"x")]
    with pytest.raises(ProtocolError):
        decode_body(payload)


def test_a_result_whose_segments_are_too_large_together_is_refused_before_it_is_sent(codec):
    encode = LargeValueEncoder(codec).encode
    with pytest.raises(FrameError) as refused:
        encode_message(Kind.RESULT, 1, bytes(LARGE + 1), 0, LARGE // 4, encode)
    assert refused.value.code == "FRAME_TOO_LARGE"


def test_a_segment_there_and_back_runs_few_functions_of_python():
    encode = LargeValueEncoder(msgspec_binding.binding).encode
    data = bytes(LARGE)
    call = encode_message(Kind.CALL, 1, ["echo", [data], {}], encode=encode)
    stream = b"".join((call, *call.segments))
    decoder = FrameDecoder(allocate=SegmentMemory)

    def there_and_back():
        # As it comes: a read of what a pipe holds at first, then the rest.
        assert decoder.feed(stream[:LARGE]) == []
        (payload,) = decoder.feed(stream[LARGE:])
        frame = encode_message(Kind.RESULT, 1, decode_body(payload)[1][0], encode=encode)
        assert frame.segments == [data]

    run = []

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename != __file__:
            run.append(frame.f_code.co_name)

    there_and_back()
    sys.setprofile(note)
    try:
        there_and_back()
    finally:
        sys.setprofile(None)
    assert len(run) <= 41, run


def test_memory_is_taken_as_bytes_without_a_copy():
    memory = memory_of(b"\x07" * (8 << 20))
    address = np.frombuffer(memory.view, "u1").__array_interface__["data"][0]
    taken = memory.take_bytes()
    assert type(taken) is bytes
    assert taken == b"\x07" * (8 << 20)
    assert np.frombuffer(taken, "u1").__array_interface__["data"][0] == address


def test_memory_is_had_from_a_python_without_that_function_too(monkeypatch):
    monkeypatch.setattr(ctypes, "pythonapi", {})
    memory = memory_of(b"\x07" * (8 << 20))
    assert memory.take_bytes() == b"\x07" * (8 << 20)


def test_values_about_the_threshold_travel_the_same_with_and_without_segments(codec):
    sizes = (0, 1, LARGE - 1, LARGE, LARGE + 1)
    encoder = LargeValueEncoder(codec)
    for left, right, depth in itertools.product(sizes, sizes, range(3)):
        value = [bytes(left), {"k": np.zeros(right, "u1")}]
        for _ in range(depth):
            value = {"deeper": [value, left]}
        encoded = encoder.encode(value)
        segments = encoded.segments if type(encoded) is SegmentedBody else []
        arrived = ArrivedSegments([memory_of(part) for part in segments], False)
        decoded = codec.decode_with(encoded, arrived.decode_extension)
        arrived.check_all_taken()
        assert same(decoded, codec.decode(codec.encode(value)))
