"""Pickles and reads the hints of what it defines: works only while the script really is __main__."""

import pickle
import struct
import sys
import typing

import msgpack
import sibling


class Point:
    x: "Scalar"


Scalar = float

while head := sys.stdin.buffer.read(4):
    sys.stdin.buffer.read(int.from_bytes(head, "little"))
    twin = pickle.loads(pickle.dumps(Point()))
    packed = msgpack.packb(
        {
            "class": type(twin).__module__ + "." + type(twin).__qualname__,
            "hints": {k: v.__name__ for k, v in typing.get_type_hints(Point).items()},
            "sibling": sibling.ANSWER,
        }
    )
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
