"""Deaf to SIGTERM, SIGINT, SIGHUP and the end of its input, with children and grandchildren alike."""

import os
import signal
import struct
import subprocess
import sys
import time

import msgpack

DEAF = (
    "import signal, subprocess, sys, time\n"
    "[signal.signal(s, signal.SIG_IGN) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]\n"
    "if len(sys.argv) > 1:\n"
    "    below = subprocess.Popen([sys.executable, '-I', '-S', '-c', sys.argv[1]])\n"
    "    print(below.pid, flush=True)\n"
    "while True: time.sleep(60)\n"
)

for deaf_to in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(deaf_to, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-I", "-S", "-c", DEAF, DEAF], stdout=subprocess.PIPE, text=True
)
grandchild = int(child.stdout.readline())

while True:
    head = sys.stdin.buffer.read(4)
    if not head:
        while True:
            time.sleep(60)
    value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
    if value == "hang":
        while True:
            time.sleep(60)
    packed = msgpack.packb([os.getpid(), child.pid, grandchild])
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()
