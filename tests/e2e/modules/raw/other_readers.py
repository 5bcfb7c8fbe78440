"""Reads and writes its channel in the other ways scripts do: fd 0 opened in bytes mode, readinto, os.read."""

import io
import os
import struct
import sys

import msgpack

stdin = open(0, "rb", closefd=False)  # noqa: SIM115
stdout = io.open(1, "wb", closefd=False)  # noqa: SIM115, UP020

while True:
    head = bytearray(4)
    if stdin.readinto(head) < 4:
        break
    payload = stdin.read(int.from_bytes(head, "little"))
    print("noise on", os.getpid())
    packed = msgpack.packb(["seen", msgpack.unpackb(payload)])
    stdout.write(struct.pack("<I", len(packed)))
    stdout.write(packed)
    stdout.flush()
    sys.stdout.flush()
