"""Length-prefixed MessagePack over stdin and stdout, as an expert would have it: replies are written together.

What arrived in one read is answered in one write, of 16 replies at most, so that both ends work at a time.
`framed_msgpack.py [REPLIES]`: another number of replies to a write.
"""

import os
import struct
import sys

import msgpack
from work import OPERATIONS

CHUNK = 64 * 1024
REPLIES_A_WRITE = int(sys.argv[1]) if len(sys.argv) > 1 else 16
LENGTH = struct.Struct("<I")


def write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def read_rest(held: bytearray, end: int) -> bool:
    """Read until so many bytes are held, straight into their place; false when there are no more."""
    at = len(held)
    held.extend(bytes(end - at))
    with memoryview(held) as view:
        while at < end:
            count = os.readv(0, [view[at:end]])
            if count == 0:
                return False
            at += count
    return True


def serve() -> None:
    held = bytearray()
    while chunk := os.read(0, CHUNK):
        held += chunk
        at = 0
        replies: list[bytes] = []
        while len(held) - at >= LENGTH.size:
            start = at + LENGTH.size
            end = start + LENGTH.unpack_from(held, at)[0]
            if end > len(held):
                if end - at < CHUNK:
                    break
                if not read_rest(held, end):
                    return
            with memoryview(held) as view, view[start:end] as payload:
                operation, value = msgpack.unpackb(payload)
            reply = msgpack.packb(OPERATIONS[operation](value))
            replies += (LENGTH.pack(len(reply)), reply)
            at = end
            if len(replies) == 2 * REPLIES_A_WRITE:
                write_all(b"".join(replies))
                replies.clear()
        if replies:
            write_all(b"".join(replies))
        del held[:at]


serve()
