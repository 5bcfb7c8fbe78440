"""A raw script that speaks of synapse_worker in a comment and a string, and imports it never."""

import struct
import sys

import msgpack

NOTE = "one day: from synapse_worker import Module"

while head := sys.stdin.buffer.read(4):
    value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
    packed = msgpack.packb({"name": __name__, "value": value})
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
