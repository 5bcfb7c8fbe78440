"""The floor: echo bytes between two pipes, with no framing, codec or dispatch.

The parent learns the descriptor numbers from the first line of stdout and opens them through /proc, the
same channel that Synapse uses, so the difference between the two is Synapse's own work.
"""

import os

request_read, request_write = os.pipe()
reply_read, reply_write = os.pipe()
os.write(1, f"{request_write} {reply_read}\n".encode())
os.read(0, 1)  # the parent has opened its ends
os.close(request_write)
os.close(reply_read)
while data := os.read(request_read, 65536):
    os.write(reply_write, data)
