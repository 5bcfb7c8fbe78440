"""The limit for a worker in the place of another: fork on a byte; the child says its process id and ends."""

import os

import msgpack  # noqa: F401  # what a worker has, the child has too

os.write(1, b".")
while os.read(0, 1):
    pid = os.fork()
    if pid == 0:
        os.write(1, str(os.getpid()).encode())
        os._exit(0)
    os.waitpid(pid, 0)
