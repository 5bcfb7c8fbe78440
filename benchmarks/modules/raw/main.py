"""A script of the hq-synapse kind: length-prefixed MessagePack on stdin and stdout. Both raw rows run this file."""

import struct
import sys

import msgpack

while header := sys.stdin.buffer.read(4):
    (length,) = struct.unpack("<I", header)
    value = msgpack.unpackb(sys.stdin.buffer.read(length))
    payload = msgpack.packb(value)
    sys.stdout.buffer.write(struct.pack("<I", len(payload)) + payload)
    sys.stdout.buffer.flush()
