"""A raw script that speaks of the library, and never imports it.

One day it may say:

from synapse_worker import Module
"""

import struct
import sys

import msgpack

# import synapse_worker
NOTE = "from synapse_worker import Module"

while head := sys.stdin.buffer.read(4):
    value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
    packed = msgpack.packb({"name": __name__, "value": value})
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
