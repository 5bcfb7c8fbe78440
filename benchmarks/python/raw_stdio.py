"""The limit of stdio: echo bytes from stdin to stdout, with no framing, codec or dispatch.

`raw_stdio.py [BYTES]`: what was read together is written together, or in writes of so many bytes.
"""

import os
import sys

CHUNK = 64 * 1024


def echo_together() -> None:
    while data := os.read(0, CHUNK):
        os.write(1, data)


def echo_apart(size: int) -> None:
    held = b""
    while data := os.read(0, CHUNK):
        held += data
        whole = len(held) - len(held) % size
        for at in range(0, whole, size):
            os.write(1, held[at : at + size])
        held = held[whole:]


if len(sys.argv) > 1:
    echo_apart(int(sys.argv[1]))
else:
    echo_together()
