"""The limit: echo bytes between two pipes, with no framing, codec or dispatch; or write or read numbers, four bytes each.

The parent learns the descriptor numbers from the first line of stdout and opens them through /proc, the
same channel that Synapse uses, so the difference between the two is Synapse's own work.
"""

import os
from array import array

CHUNK = 64 * 1024
BATCH = 4096
PRODUCE, CONSUME = 1, 2
END = b"\xff\xff\xff\xff"  # stands after the last number that is read

request_read, request_write = os.pipe()
reply_read, reply_write = os.pipe()
os.write(1, f"{request_write} {reply_read}\n".encode())
os.read(0, 1)  # the parent has opened its ends
os.close(request_write)
os.close(reply_read)


def produce(count: int) -> None:
    """Write the numbers in batches of some pages."""
    for start in range(0, count, BATCH):
        os.write(reply_write, array("i", range(start, min(start + BATCH, count))).tobytes())


def consume() -> None:
    """Read numbers to their end: they come by whole pages, so none is in two parts."""
    count = -1
    data = b""
    while not data.endswith(END):
        data = os.read(request_read, CHUNK)
        count += len(data) // 4


while data := os.read(request_read, CHUNK):
    if data[0] == PRODUCE:
        produce(int.from_bytes(data[1:5], "little"))
        continue
    os.write(reply_write, data)
    if data[0] == CONSUME:
        consume()
        os.write(reply_write, data)
