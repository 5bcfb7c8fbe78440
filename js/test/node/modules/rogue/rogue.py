"""A worker written by hand, that answers honestly until it is told to break the protocol.

`rogue.py BEHAVIOUR MARK`: the first to be started makes the file MARK and is rogue, those after it are
honest. It speaks over the socket on descriptor 3, as docs/protocol.md describes it, with no line of
Synapse's own code.
"""

import json
import os
import signal
import socket
import struct
import sys
import time

import msgpack

HELLO, CALL, RESULT, ERROR, OPEN, ITEMS, END, PROGRESS, LOG, PING, DRAIN, FAIL = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    10,
    11,
    12,
    14,
    15,
)
GREETING = {
    "magic": "synapse",
    "protocol": 1,
    "runtime": "0.1.0",
    "language": "python",
    "language_version": "3",
    "capabilities": [],
    "limits": {"max_frame_bytes": 2**29, "max_depth": 128},
    "pid": os.getpid(),
    "module": "rogue",
    "codec": "msgpack",
    "methods": {
        "echo": {"kind": "call", "mode": "sync"},
        "later": {"kind": "call", "mode": "async"},
        "items": {"kind": "stream", "mode": "sync"},
    },
}
LOST = 1_000_000

data = socket.socket(fileno=3)
control = socket.socket(fileno=4)


def frame(kind: int, number: int, body: bytes, flags: int = 0) -> bytes:
    payload = bytes((kind, flags)) + number.to_bytes(6, "little") + body
    return struct.pack("<I", len(payload)) + payload


def result(number: int, value: object) -> bytes:
    return frame(RESULT, number, msgpack.packb(value))


def tell(**event: object) -> None:
    control.sendall(json.dumps(event).encode() + b"\n")


def receive(count: int) -> bytes:
    taken = b""
    while len(taken) < count:
        chunk = data.recv(count - len(taken))
        if not chunk:
            sys.exit(0)
        taken += chunk
    return taken


def greet(**changes: object) -> None:
    data.sendall(frame(HELLO, 0, msgpack.packb({**GREETING, **changes})))


def drip(whole: bytes, pause: float) -> None:
    for byte in whole:
        data.sendall(bytes((byte,)))
        time.sleep(pause)


def wait_for_ever() -> None:
    while True:
        time.sleep(60)


def misbehave(behaviour: str, number: int, args: list[object]) -> None:
    """Answer call `number`, or do not, in a wrong way."""
    honest = result(number, args[0])
    if behaviour == "answers an id nobody asked for":
        data.sendall(result(LOST, "lost") + honest)
    elif behaviour == "answers twice":
        data.sendall(honest + result(number, "again"))
    elif behaviour == "answers, then fails the same call":
        data.sendall(honest + frame(ERROR, number, msgpack.packb({"code": "X", "message": "late"})))
    elif behaviour == "gives items to a call":
        data.sendall(frame(ITEMS, number, msgpack.packb([1])))
    elif behaviour == "sends an unknown kind":
        data.sendall(frame(77, number, b"") + honest)
    elif behaviour == "sends a kind from the future":
        data.sendall(frame(200, LOST, b"\xc1 what?", 0xFF) + honest)
    elif behaviour == "sends a second HELLO":
        greet()
    elif behaviour == "tells the client to drain":
        data.sendall(frame(DRAIN, 0, b""))
    elif behaviour == "sends flags that mean nothing":
        data.sendall(frame(RESULT, number, msgpack.packb(1), 0x80))
    elif behaviour == "sends a payload of three bytes":
        data.sendall(struct.pack("<I", 3) + b"\x03\x00\x01")
    elif behaviour == "announces more than may be sent":
        data.sendall(struct.pack("<I", 2**29 + 1))
    elif behaviour == "announces much, sends little and stops":
        data.sendall(struct.pack("<I", 2**29) + bytes(8))
        wait_for_ever()
    elif behaviour == "announces much, and goes on within it":
        data.sendall(struct.pack("<I", 2**20) if args == ["rogue"] else honest)
    elif behaviour == "stops within a header":
        data.sendall(honest[:2])
        wait_for_ever()
    elif behaviour == "ends within a frame":
        data.sendall(honest[:-1])
        os._exit(0)
    elif behaviour == "sends a body that is no MessagePack":
        data.sendall(frame(RESULT, number, b"\xc1\xc1\xc1"))
    elif behaviour == "sends a body that goes on behind its end":
        data.sendall(frame(RESULT, number, msgpack.packb(1) + b"\x00"))
    elif behaviour == "nests without end":
        data.sendall(frame(RESULT, number, b"\xdc\x00\x01" * 24_000))
    elif behaviour == "promises four billion elements":
        data.sendall(frame(RESULT, number, b"\xdd\xff\xff\xff\xff"))
    elif behaviour == "sends an error that is none":
        data.sendall(frame(ERROR, number, msgpack.packb([1, 2])))
    elif behaviour == "drips its answer byte by byte":
        drip(honest, 0.001)
    elif behaviour == "drips for ever":
        data.sendall(struct.pack("<I", 1_000_000))
        drip(bytes(1_000_000), 0.01)
    elif behaviour == "says FAIL":
        failure = {"code": "PROTOCOL_ERROR", "message": "I do not like the way you talk"}
        data.sendall(frame(FAIL, 0, msgpack.packb(failure)))
    elif behaviour == "closes the channel and lives on":
        data.shutdown(socket.SHUT_RDWR)
        wait_for_ever()
    elif behaviour == "ignores the end of everything":
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        data.shutdown(socket.SHUT_RDWR)
        wait_for_ever()
    elif behaviour == "calls functions that were never sent":
        for lost, method in enumerate(("$callback:7", "$callback:x", "$upload:1", "echo"), start=1):
            data.sendall(frame(CALL, lost, msgpack.packb([method, [], {}])))
        data.sendall(honest)
    elif behaviour == "reports progress nobody wanted, then the result":
        data.sendall(frame(PROGRESS, number, msgpack.packb(1)) + honest)
    elif behaviour == "floods with logs":
        record = msgpack.packb({"level": "INFO", "logger": "flood", "message": "x" * 100})
        data.sendall(frame(LOG, 0, record) * 20_000 + honest)
    elif behaviour == "floods with strange logs":
        strange = [1, [1], {"level": 7, "message": {}}, {"extra": []}, None]
        data.sendall(b"".join(frame(LOG, 0, msgpack.packb(log)) for log in strange * 1000) + honest)
    elif behaviour == "talks nonsense on control":
        control.sendall(b"\xff\xfe nonsense\n[1]\nnull\n7\n" + b'{"event":"channel","pipes":"x"}\n')
        tell(event="exit", consumed_bytes="many")
        tell(event="ready", more={})
        tell(event="crash", error=7)
        tell(event=["odd"])
        tell(event="alive", of="nobody")
        tell(event="dump", fd="x")
        tell(event="warning", message=None)
        control.sendall(b"x" * 300_000 + b"\n")
        data.sendall(honest)
    elif behaviour == "gives more items than it may":
        data.sendall(frame(ITEMS, number, msgpack.packb([1] * 100_000)))
    elif behaviour == "ends a stream twice":
        ends = frame(END, number, b"") * 2
        data.sendall(frame(ITEMS, number, msgpack.packb(["only"])) + ends)
    elif behaviour == "gives a result to a stream":
        data.sendall(honest)
    else:
        sys.exit(f"no such behaviour: {behaviour}")


def main(behaviour: str, mark: str) -> None:
    rogue = not os.path.exists(mark)
    with open(mark, "a", encoding="ascii") as marks:
        marks.write(f"{os.getpid()}\n")
    tell(event="channel", pipes=None)
    if rogue and behaviour == "never greets":
        wait_for_ever()
    elif rogue and behaviour == "greets with another magic":
        greet(magic="synopsis")
    elif rogue and behaviour == "greets from the future":
        greet(protocol=99)
    elif rogue and behaviour == "greets with nonsense":
        data.sendall(frame(HELLO, 0, msgpack.packb([1, 2, 3])))
    elif rogue and behaviour == "answers before it greets":
        data.sendall(result(1, "early"))
    elif rogue and behaviour == "has methods of no kind":
        greet(methods={"echo": 7, "later": {"kind": [], "mode": {}}, "items": None})
    else:
        greet()
    while True:
        (length,) = struct.unpack("<I", receive(4))
        payload = receive(length)
        kind, number = payload[0], int.from_bytes(payload[2:8], "little")
        if kind == DRAIN:
            sys.exit(0)
        if kind not in (CALL, OPEN):
            continue
        _, args, *_ = msgpack.unpackb(payload[8:], strict_map_key=False)
        if rogue and args != ["honest"]:
            misbehave(behaviour, number, args)
        elif kind == OPEN:
            data.sendall(frame(ITEMS, number, msgpack.packb([args[0]])) + frame(END, number, b""))
        else:
            data.sendall(result(number, args[0]))


main(sys.argv[1], sys.argv[2])
