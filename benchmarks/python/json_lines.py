"""One JSON text a line, in and out, as an expert would have it: what arrived in one read is answered together."""

import json
import os
from itertools import islice

from work import OPERATIONS, produce

CHUNK = 64 * 1024
LINES_A_WRITE = 16
ITEMS_A_WRITE = 1024


def write_lines(lines: list[str]) -> None:
    view = memoryview(("\n".join(lines) + "\n").encode())
    while view:
        view = view[os.write(1, view) :]


def stream(count: int) -> None:
    items = produce(count)
    while batch := [json.dumps(item) for item in islice(items, ITEMS_A_WRITE)]:
        write_lines(batch)


def serve() -> None:
    held = bytearray()
    uploaded: int | None = (
        None  # how many items have come of the upload there is, which ends with a null
    )
    while chunk := os.read(0, CHUNK):
        held += chunk
        end = held.rfind(b"\n", len(held) - len(chunk))
        if end < 0:
            continue
        lines = bytes(held[:end]).split(b"\n")
        del held[: end + 1]
        replies: list[str] = []
        for line in lines:
            message = json.loads(line)
            if message is None:
                result, uploaded = uploaded, None
            elif uploaded is not None:
                uploaded += 1
                continue
            else:
                operation, value = message
                if operation == "produce":
                    stream(value)
                    continue
                if operation == "consume":
                    uploaded = 0
                    continue
                result = OPERATIONS[operation](value)
            replies.append(json.dumps(result))
            if len(replies) == LINES_A_WRITE:
                write_lines(replies)
                replies.clear()
        if replies:
            write_lines(replies)


serve()
