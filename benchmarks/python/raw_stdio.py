"""The limit of stdio: echo bytes from stdin to stdout, with no framing, codec or dispatch."""

import os

CHUNK = 64 * 1024

while data := os.read(0, CHUNK):
    os.write(1, data)
