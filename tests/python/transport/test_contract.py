"""The one contract of transports: whatever moves bytes for us passes these."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.transport.descriptors import Announcement, DescriptorTransport
from synapse_worker.transport.memory import memory_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

F_GETPIPE_SZ = getattr(fcntl, "F_GETPIPE_SZ", 1032)


def pipes() -> tuple[Any, Any]:
    (read_a, write_b), (read_b, write_a) = os.pipe(), os.pipe()
    return DescriptorTransport(read_a, write_a), DescriptorTransport(read_b, write_b)


def sockets() -> tuple[Any, Any]:
    a, b = (end.detach() for end in socket.socketpair())
    return DescriptorTransport(a, a), DescriptorTransport(b, b)


@pytest.fixture(params=[pipes, sockets, memory_pair], ids=["pipes", "sockets", "memory"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    a, b = request.param()
    yield a, b
    a.close()
    b.close()


def read_exactly(transport: Any, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        chunk = transport.read()
        assert chunk, "the transport ended early"
        data += chunk
    return bytes(data)


def test_bytes_arrive_in_order_both_ways(ends: tuple[Any, Any]) -> None:
    a, b = ends
    a.write(b"there ")
    a.write(b"and")
    assert read_exactly(b, 9) == b"there and"
    b.write(b"back")
    assert read_exactly(a, 4) == b"back"


def test_a_write_larger_than_any_buffer_arrives_whole(ends: tuple[Any, Any]) -> None:
    a, b = ends
    data = os.urandom(1 << 20) * 8
    writer = threading.Thread(target=a.write, args=(data,))
    writer.start()
    assert read_exactly(b, len(data)) == data
    writer.join()


def test_one_read_gives_at_most_68_kib(ends: tuple[Any, Any]) -> None:
    a, b = ends
    writer = threading.Thread(target=a.write, args=(bytes(200_000),))
    writer.start()
    sizes = []
    while sum(sizes) < 200_000:
        sizes.append(len(b.read()))
    writer.join()
    assert max(sizes) <= 68 * 1024


def test_bytes_can_be_read_straight_into_a_buffer(ends: tuple[Any, Any]) -> None:
    a, b = ends
    buffer = bytearray(10)
    a.write(b"0123456789abc")
    filled = 0
    while filled < 10:
        filled += b.read_into(memoryview(buffer)[filled:])
    assert bytes(buffer) == b"0123456789"
    assert read_exactly(b, 3) == b"abc"


def test_what_was_written_before_the_close_is_read_before_the_end(ends: tuple[Any, Any]) -> None:
    a, b = ends
    a.write(b"last words")
    a.close()
    assert read_exactly(b, 10) == b"last words"
    assert b.read() == b""
    assert b.read_into(memoryview(bytearray(4))) == 0


def test_after_ending_the_output_answers_still_come(ends: tuple[Any, Any]) -> None:
    a, b = ends
    a.close_output()
    a.close_output()
    assert b.read() == b""
    b.write(b"answer")
    assert read_exactly(a, 6) == b"answer"


def test_writing_to_an_end_that_is_gone_is_an_os_error(ends: tuple[Any, Any]) -> None:
    a, b = ends
    b.close()
    with pytest.raises(OSError, match=r"[Bb]roken pipe|closed"):
        a.write(b"anyone?")


def test_closing_twice_is_allowed(ends: tuple[Any, Any]) -> None:
    a, _ = ends
    a.close()
    a.close()


@pytest.mark.skipif(sys.platform != "linux", reason="pipes have one size here")
def test_pipes_hold_more_once_one_was_full_or_much_was_written() -> None:
    a, b = pipes()
    try:
        a.write(b"little")
        assert read_exactly(b, 6) == b"little"
        assert [fcntl.fcntl(fd, F_GETPIPE_SZ) for fd in (b.input_fd, b.output_fd)] == [65_536] * 2
        a.write(bytes(65_536))
        assert len(b.read()) == 65_536
        assert fcntl.fcntl(b.input_fd, F_GETPIPE_SZ) == 1 << 20
        b.write_parts([b"head", bytes(100_000)])  # would wait for ever in a pipe of 64 KiB
        assert read_exactly(a, 100_004) == b"head" + bytes(100_000)
        b.write_parts([b"a", b"b", bytes(262_144), b"c", bytes(262_145), b"d"])
        assert read_exactly(a, 524_293) == b"ab" + bytes(262_144) + b"c" + bytes(262_145) + b"d"
    finally:
        a.close()
        b.close()


def test_a_frame_that_cannot_be_finished_ends_what_the_other_end_reads() -> None:
    def fails() -> None:
        raise OSError(errno.EFBIG, "File too large")

    a, b = pipes()
    announcement = Announcement(b"more")
    announcement.put = fails
    try:
        with pytest.raises(OSError, match="File too large"):
            a.write_parts([b"half a frame", announcement])
        assert b.read() == b"half a frame"
        assert select.select([b.input_fd], [], [], 10)[0], "the other end would wait for the rest"
        assert b.read() == b""
    finally:
        a.close()
        b.close()
