"""Clients that break the protocol: a real worker says what was wrong, tears down and ends; it is never harmed."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import synapse_worker
from synapse_worker.protocol.codec import CallbackReference, decode_value, encode_value

if TYPE_CHECKING:
    from collections.abc import Iterator

HELLO, CALL, RESULT, ERROR, OPEN, ITEMS, END, CREDIT, CANCEL = range(1, 10)
PING, PONG, DRAIN, FAIL = 12, 13, 14, 15
LAUNCH = Path(synapse_worker.__file__).parent / "worker" / "launch.py"
LIMIT_SECONDS = 10
EXIT_FAILED = 1

MODULE = """
import pathlib, time
from synapse_worker import Module
app = Module()

@app.method
def echo(value):
    return value

@app.method
def bulk(size):
    return bytes(size)

@app.method
def count(limit):
    yield from range(limit)

@app.method
def ask(callback):
    callback()

@app.method
def leave_a_note(text):
    with pathlib.Path(__file__).with_name("notes.txt").open("a") as notes:
        notes.write(text)

@app.teardown
def leave():
    pathlib.Path(__file__).with_name("left.txt").write_text("torn down")
"""


def frame(kind: int, number: int = 0, body: bytes = b"", flags: int = 0) -> bytes:
    payload = bytes((kind, flags)) + number.to_bytes(6, "little") + body
    return struct.pack("<I", len(payload)) + payload


def call(number: int, method: str, *args: Any) -> bytes:
    return frame(CALL, number, encode_value([method, list(args), {}]))


GREETING = frame(
    HELLO,
    0,
    encode_value(
        {
            "magic": "synapse",
            "protocol": 1,
            "runtime": "0.1.0",
            "language": "javascript",
            "language_version": "20",
            "capabilities": [],
            "limits": {"max_frame_bytes": 2**29, "max_depth": 128},
        }
    ),
)


class RogueClient:
    """The parent's end of a worker's sockets, written by hand."""

    def __init__(self, folder: Path) -> None:
        folder.joinpath("main.py").write_text(MODULE, encoding="utf-8")
        self.left = folder / "left.txt"
        self.notes = folder / "notes.txt"
        pairs = [socket.socketpair() for _ in range(3)]
        self.data, self.control, self.life = (ours for ours, _ in pairs)
        self.data.settimeout(LIMIT_SECONDS)
        self.control.settimeout(LIMIT_SECONDS)
        self._stderr = folder / "stderr.txt"
        stderr = os.open(self._stderr, os.O_WRONLY | os.O_CREAT)
        config = {"directory": str(folder), "entrypoint": "main.py", "channel": "socket"}
        # Numbers that the wanted ones cannot collide with.
        high = [os.dup2(theirs.fileno(), 900 + n) for n, (_, theirs) in enumerate(pairs)]
        self.pid = os.posix_spawn(
            sys.executable,
            [sys.executable, str(LAUNCH), json.dumps({**config, "dialect": "native"})],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, stderr, 2),
                *((os.POSIX_SPAWN_DUP2, fd, 3 + n) for n, fd in enumerate(high)),
            ],
            setsid=True,
        )
        os.close(stderr)
        for fd in high:
            os.close(fd)
        for _, theirs in pairs:
            theirs.close()
        self.status: int | None = None
        self.control.sendall(b'{"channel":"socket"}\n')

    def greet(self) -> None:
        self.data.sendall(GREETING)
        kind, _, _ = self.receive()
        assert kind == HELLO

    def receive(self) -> tuple[int, int, Any]:
        """Return kind, id and body of the next frame; END of the stream is an EOFError."""
        (length,) = struct.unpack("<I", self._exactly(4))
        payload = self._exactly(length)
        body = decode_value(payload[8:]) if length > 8 else None
        return payload[0], int.from_bytes(payload[2:8], "little"), body

    def answers(self) -> list[tuple[int, int, Any]]:
        """Return all frames to the end of the stream."""
        frames = []
        try:
            while True:
                frames.append(self.receive())
        except (EOFError, ConnectionError):
            return frames

    def wait(self) -> int:
        """Return the exit status, once the worker has ended."""
        end = time.monotonic() + LIMIT_SECONDS
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError("the worker does not end")
            else:
                time.sleep(0.005)
        return self.status

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(encoding="utf-8")

    def close(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        for end in (self.data, self.control, self.life):
            end.close()

    def _exactly(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            chunk = self.data.recv(count - len(taken))
            if not chunk:
                raise EOFError
            taken += chunk
        return bytes(taken)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[RogueClient]:
    rogue = RogueClient(tmp_path)
    yield rogue
    rogue.close()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\xff" * 64, "FRAME_TOO_LARGE"),
        (struct.pack("<I", 3) + b"\x02\x00\x01", "PROTOCOL_ERROR"),
        (frame(0, 1), "PROTOCOL_ERROR"),
        (frame(77, 1), "PROTOCOL_ERROR"),
        (GREETING, "PROTOCOL_ERROR"),
        (frame(CALL, 0, encode_value(["echo", [1], {}])), "PROTOCOL_ERROR"),
        (frame(CALL, 1, encode_value(["echo", [1], {}]), flags=0x40), "PROTOCOL_ERROR"),
        (call(5, "echo", 1) + call(5, "echo", 2), "PROTOCOL_ERROR"),
        (call(5, "echo", 1) + call(4, "echo", 2), "PROTOCOL_ERROR"),
        (frame(CREDIT, 9, encode_value(1)), "PROTOCOL_ERROR"),
        (frame(CANCEL, 9, b"\xc0"), "PROTOCOL_ERROR"),
        (frame(RESULT, 9, encode_value(1)), "PROTOCOL_ERROR"),
        (frame(DRAIN, 7), "PROTOCOL_ERROR"),
        (frame(PING, 7, encode_value(1)), "PROTOCOL_ERROR"),
    ],
    ids=[
        "noise",
        "short payload",
        "kind 0",
        "kind 77",
        "second HELLO",
        "call with id 0",
        "unknown flag",
        "an id twice",
        "an id below the last",
        "credit for nobody",
        "cancel with a body",
        "an answer to nothing",
        "drain with an id",
        "ping with an id",
    ],
)
def test_what_breaks_the_protocol_is_named_and_ends_the_worker(
    client: RogueClient, sent: bytes, code: str
) -> None:
    client.greet()
    client.data.sendall(sent)
    kind, number, error = client.answers()[-1]
    assert (kind, number, error["code"]) == (FAIL, 0, code)
    assert len(error["message"]) > 10
    assert client.wait() == EXIT_FAILED
    assert client.left.exists()
    assert "Traceback" not in client.stderr


@pytest.mark.parametrize(
    "last_words",
    [frame(PING, 7, encode_value(1)), frame(FAIL, 0, encode_value({"message": "enough"}))],
    ids=["what breaks the protocol", "a client that gives up"],
)
def test_calls_behind_the_end_of_a_connection_never_begin(
    client: RogueClient, last_words: bytes
) -> None:
    """Not even where the end is found by a method that waits inside the burst in which they came."""
    client.greet()
    notes = [call(number, "leave_a_note", f"{number} ") for number in range(1, 6)]
    waits = call(3, "ask", CallbackReference(1))
    client.data.sendall(b"".join((*notes[:2], waits, last_words, *notes[3:])))
    client.answers()
    assert client.wait() == EXIT_FAILED
    assert client.notes.read_text(encoding="utf-8") == "1 2 "


def test_a_client_that_does_not_greet_first_is_refused(client: RogueClient) -> None:
    client.data.sendall(call(1, "echo", 1))
    kinds = [kind for kind, _, _ in client.answers()]
    assert kinds == [HELLO, FAIL]
    assert client.wait() == EXIT_FAILED


@pytest.mark.parametrize("cut", [1, 3, 5, 12, 20])
def test_a_frame_that_is_cut_off_ends_the_worker(client: RogueClient, cut: int) -> None:
    client.greet()
    client.data.sendall(call(1, "echo", "x" * 40)[:cut])
    client.data.shutdown(socket.SHUT_WR)
    assert client.wait() == EXIT_FAILED
    assert client.left.exists()
    assert "Traceback" not in client.stderr


def test_a_client_that_goes_away_between_frames_is_no_failure(client: RogueClient) -> None:
    client.greet()
    client.data.close()
    assert client.wait() == 0
    assert client.left.exists()


def test_a_call_that_comes_byte_by_byte_is_answered(client: RogueClient) -> None:
    client.greet()
    for byte in call(1, "echo", "slow"):
        client.data.sendall(bytes((byte,)))
        time.sleep(0.001)
    assert client.receive() == (RESULT, 1, "slow")


def test_a_frame_that_stops_coming_ends_with_its_client(client: RogueClient) -> None:
    client.greet()
    client.data.sendall(struct.pack("<I", 100_000_000) + bytes(100))
    client.data.close()
    assert client.wait() == EXIT_FAILED
    assert client.left.exists()


def test_a_body_that_is_none_fails_its_call_alone(client: RogueClient) -> None:
    client.greet()
    bodies = [b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xdc\x00\x01" * 24_000, b"\x93\x01\x02\x03", b""]
    for number, body in enumerate(bodies, start=1):
        client.data.sendall(frame(CALL, number, body))
        kind, answered, error = client.receive()
        assert (kind, answered) == (ERROR, number)
        assert error["code"] in ("DECODE_FAILED", "DEPTH_EXCEEDED")
    client.data.sendall(call(99, "echo", "still here"))
    assert client.receive() == (RESULT, 99, "still here")


def test_cancels_of_calls_that_never_come_are_forgotten_in_time(client: RogueClient) -> None:
    client.greet()
    for number in range(1000, 21_000):
        client.data.sendall(frame(CANCEL, number))
    client.data.sendall(call(1, "echo", "not cancelled"))
    assert client.receive() == (RESULT, 1, "not cancelled")
    # Only the latest are remembered.
    client.data.sendall(call(1000, "echo", "forgotten"))
    assert client.receive() == (RESULT, 1000, "forgotten")
    client.data.sendall(call(20_999, "echo", "remembered"))
    kind, number, error = client.receive()
    assert (kind, number, error["code"]) == (ERROR, 20_999, "CALL_CANCELLED")


def test_nonsense_on_control_changes_nothing(client: RogueClient) -> None:
    client.greet()
    client.control.sendall(
        b'\xff\xfe\n[1]\nnull\n7\n{"cancel":"x"}\n{"cancel":-1}\n{"cancel":null}\n{}\n'
    )
    client.control.sendall(b'{"cancel":' + b"9" * 400 + b"}\n")
    os.kill(client.pid, signal.SIGURG)
    client.data.sendall(call(1, "echo", "unmoved"))
    assert client.receive() == (RESULT, 1, "unmoved")
    assert "Traceback" not in client.stderr


def test_a_client_that_never_reads_and_then_goes_away_leaves_nothing(client: RogueClient) -> None:
    client.greet()
    client.data.sendall(call(1, "bulk", 10_000_000) + call(2, "bulk", 10_000_000))
    client.data.sendall(frame(OPEN, 3, encode_value(["count", [10**9], {}, 256])))
    # Until it is at work on what nobody reads.
    assert client.data.recv(1) != b""
    client.data.close()
    client.wait()
    assert client.left.exists()


def test_the_end_of_the_life_channel_ends_everything_at_once(client: RogueClient) -> None:
    client.greet()
    writer = threading.Thread(target=client.life.close)
    writer.start()
    writer.join()
    assert client.wait() == -signal.SIGKILL
    assert not client.left.exists()
