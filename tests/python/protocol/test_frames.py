"""Frames against the shared vectors, cut at every byte, and in linear time."""

from __future__ import annotations

import time

import pytest

from synapse_worker.protocol.errors import FrameError
from synapse_worker.protocol.frames import FrameDecoder, encode_frame

from .vectors import cases, title, to_bytes


def payloads_of(vector):
    payloads = vector["payloads"]
    if isinstance(payloads, dict):
        return [bytes.fromhex(payloads["repeat"])] * payloads["times"]
    return [to_bytes(payload) for payload in payloads]


def decoder_of(vector):
    limit = vector.get("max_frame_bytes")
    return FrameDecoder() if limit is None else FrameDecoder(limit)


def feed_in(decoder, chunks):
    return [bytes(payload) for chunk in chunks for payload in decoder.feed(chunk)]


@pytest.mark.parametrize("vector", cases("frames.json", "accepted"), ids=title)
def test_a_stream_cut_at_any_byte_gives_the_same_payloads(vector):
    stream = to_bytes(vector["stream"])
    for cut in range(len(stream) + 1):
        decoder = decoder_of(vector)
        assert feed_in(decoder, [stream[:cut], stream[cut:]]) == payloads_of(vector)
        decoder.end()
        assert decoder.buffered_bytes == 0


@pytest.mark.parametrize("vector", cases("frames.json", "accepted"), ids=title)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_a_stream_in_small_chunks_gives_the_same_payloads(vector, size):
    stream = to_bytes(vector["stream"])
    decoder = decoder_of(vector)
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert feed_in(decoder, chunks) == payloads_of(vector)
    decoder.end()


def feed_until_refused(decoder, chunks, taken):
    for chunk in chunks:
        taken += [bytes(payload) for payload in decoder.feed(chunk)]
    decoder.end()


@pytest.mark.parametrize("vector", cases("frames.json", "refused"), ids=title)
def test_a_broken_stream_is_refused_where_it_breaks(vector):
    stream = to_bytes(vector["stream"])
    taken: list[bytes] = []
    with pytest.raises(FrameError) as caught:
        feed_until_refused(
            decoder_of(vector), [stream[at : at + 1] for at in range(len(stream))], taken
        )
    assert caught.value.code == vector["error"]
    assert taken == payloads_of(vector)
    with pytest.raises(FrameError) as caught:
        feed_until_refused(decoder_of(vector), [stream], [])
    assert caught.value.code == vector["error"]


@pytest.mark.parametrize("vector", cases("frames.json", "accepted"), ids=title)
def test_payloads_become_the_stream_again(vector):
    assert b"".join(map(encode_frame, payloads_of(vector))) == to_bytes(vector["stream"])


def test_a_payload_above_the_limit_is_not_sent():
    assert encode_frame(b"12345", 5) == b"\x05\0\0\x0012345"
    with pytest.raises(FrameError) as caught:
        encode_frame(b"123456", 5)
    assert caught.value.code == "FRAME_TOO_LARGE"
    assert caught.value.details == {"size": 6, "limit": 5}


def test_a_transport_may_fill_the_vacancy_itself():
    decoder = FrameDecoder()
    assert decoder.vacancy is None
    assert decoder.feed(b"\x06\0\0\0ab") == []
    vacancy = decoder.vacancy
    assert vacancy is not None
    assert len(vacancy) == 4
    vacancy[:3] = b"cde"
    assert decoder.advance(3) is None
    assert decoder.buffered_bytes == 9
    vacancy = decoder.vacancy
    assert vacancy is not None
    vacancy[:] = b"f"
    payload = decoder.advance(1)
    assert payload is not None
    assert bytes(payload) == b"abcdef"
    assert decoder.vacancy is None
    assert [bytes(p) for p in decoder.feed(b"\x01\0\0\0z")] == [b"z"]


@pytest.mark.parametrize("count", [-1, 5])
def test_a_transport_cannot_fill_more_than_the_vacancy(count):
    decoder = FrameDecoder()
    decoder.feed(b"\x06\0\0\0ab")
    with pytest.raises(ValueError, match="room"):
        decoder.advance(count)


def test_payloads_stay_what_they_are_when_more_is_fed():
    decoder = FrameDecoder()
    first = decoder.feed(b"\x02\0\0\0ab\x03\0\0\0c")[0]
    second = decoder.feed(b"de\x01\0\0\0f")[0]
    assert (bytes(first), bytes(second)) == (b"ab", b"cde")


def test_64_mib_in_small_chunks_take_linear_time():
    size, chunk = 64 << 20, b"x" * 65_536
    decoder = FrameDecoder()
    started = time.perf_counter()
    decoder.feed(size.to_bytes(4, "little"))
    payloads = [p for _ in range(size // len(chunk)) for p in decoder.feed(chunk)]
    assert [len(payload) for payload in payloads] == [size]
    # About 0.05 s here; joining the chunks one by one would move 32 GiB.
    assert time.perf_counter() - started < 2
