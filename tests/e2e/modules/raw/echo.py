"""The classic: says it runs, answers what it is sent, gives up after 'throw_error'."""

import struct
import sys

import msgpack


def answer(value):
    packed = msgpack.packb(value)
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()


def serve():
    while True:
        head = sys.stdin.buffer.read(4)
        if not head:
            return
        value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
        if value == "throw_error":
            answer({"error": "test_error"})
            return
        answer(value)


if __name__ == "__main__":
    print("script running", file=sys.stderr)
    serve()
