"""A script as written for the original package, with a few ways to misbehave on request."""

import os
import sys
import time

import msgpack


def reply(value):
    payload = msgpack.packb(value)
    sys.stdout.buffer.write(len(payload).to_bytes(4, "little") + payload)
    sys.stdout.buffer.flush()


def main():
    while True:
        head = sys.stdin.buffer.read(4)
        if not head:
            return
        value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
        deed = value.get("do") if isinstance(value, dict) else None
        print("got a call")
        if deed == "raise":
            raise ValueError("raw trouble")
        if deed == "pid":
            reply(os.getpid())
        elif deed == "nap":
            time.sleep(value["seconds"])
            reply("rested")
        elif deed == "answer and leave":
            reply("bye")
            return
        elif deed == "reply twice":
            payload = msgpack.packb(value["with"])
            frame = len(payload).to_bytes(4, "little") + payload
            sys.stdout.buffer.write(frame + frame)
            sys.stdout.buffer.flush()
        elif deed == "raw text":
            reply(value["text"])
        else:
            reply(value)


if __name__ == "__main__":
    print("script running", file=sys.stderr)
    main()
