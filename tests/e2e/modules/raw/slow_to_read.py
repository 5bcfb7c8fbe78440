"""Writes many log lines before its first read: a model that loads loudly."""

import struct
import sys

for line in range(2000):
    print(f"loading layer {line}", file=sys.stderr)
    print(f"layer {line} has many weights")

while head := sys.stdin.buffer.read(4):
    payload = sys.stdin.buffer.read(int.from_bytes(head, "little"))
    sys.stdout.buffer.write(struct.pack("<I", len(payload)) + payload)
    sys.stdout.buffer.flush()
