"""A script of the hq-synapse kind: length-prefixed MessagePack on stdin and stdout. Both raw rows run this file.

A value comes back as it is; a list is the name of something to do and what to do it with.
"""

import struct
import sys

import msgpack


def spin(rounds):
    total = 0
    for i in range(rounds):
        total += i & 3
    return total


kept = {}


def fetch_records(count):
    if count not in kept:
        kept[count] = [
            {"id": i, "symbol": f"S{i % 1000}", "price": i / 8, "open": i % 2 == 0}
            for i in range(count)
        ]
    return kept[count]


OPERATIONS = {
    "fetch_bytes": bytes,
    "fetch_records": fetch_records,
    "send_bytes": len,
    "send_records": len,
    "spin": spin,
}

while header := sys.stdin.buffer.read(4):
    (length,) = struct.unpack("<I", header)
    value = msgpack.unpackb(sys.stdin.buffer.read(length))
    if type(value) is list:
        value = OPERATIONS[value[0]](value[1])
    payload = msgpack.packb(value)
    sys.stdout.buffer.write(struct.pack("<I", len(payload)) + payload)
    sys.stdout.buffer.flush()
