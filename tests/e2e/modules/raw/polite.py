"""Leaves a note beside itself when it is asked to go: by the end of its input, or by SIGTERM."""

import atexit
import pathlib
import signal
import struct
import sys

NOTES = pathlib.Path(__file__).with_name("farewell.txt")


def note(text):
    with NOTES.open("a") as file:
        file.write(text + "\n")


signal.signal(signal.SIGTERM, lambda *_: (note("sigterm"), sys.exit(0)))
atexit.register(note, "atexit")

while True:
    head = sys.stdin.buffer.read(4)
    if not head:
        note("end of input")
        break
    payload = sys.stdin.buffer.read(int.from_bytes(head, "little"))
    sys.stdout.buffer.write(struct.pack("<I", len(payload)) + payload)
    sys.stdout.buffer.flush()
