"""An echo that talks on the real file descriptors 0 and 1 and never prints."""

import os
import sys


def read(size):
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            sys.exit()
        data += chunk
    return data


print("quiet running", file=sys.stderr)
while True:
    head = read(4)
    os.write(1, head + read(int.from_bytes(head, "little")))
