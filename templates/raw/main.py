"""A raw Synapse module: length-prefixed MessagePack on stdin and stdout, and nothing of ours.

Each message is a 4-byte little-endian length and one MessagePack value; replies go out in the
order of the requests. Printing is safe: Synapse gives the script a channel of its own.
"""

import sys

import msgpack


def answer(request):
    """Return the reply to one request. A truthy "error" in it rejects the call."""
    if "value" not in request:
        return {"error": "a request needs a value"}
    return {"doubled": request["value"] * 2}


def main():
    """Answer requests until the other side closes the channel."""
    while header := sys.stdin.buffer.read(4):
        request = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(header, "little")))
        print("working on", request)
        payload = msgpack.packb(answer(request))
        sys.stdout.buffer.write(len(payload).to_bytes(4, "little") + payload)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
