"""Answers one request and leaves, as simple scripts do."""

import os
import struct
import sys

import msgpack

head = sys.stdin.buffer.read(4)
if head:
    value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
    packed = msgpack.packb({"pid": os.getpid(), "value": value})
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
