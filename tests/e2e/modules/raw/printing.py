"""Prints on every call, as the template of the original does, and answers how often it was called."""

import struct
import sys

import msgpack

calls = 0

while True:
    head = sys.stdin.buffer.read(4)
    if not head:
        break
    payload = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
    calls += 1
    print("Do something with the payload", payload)
    packed = msgpack.packb({"calls": calls, "payload": payload})
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
