"""What a cancel has to interrupt: each method says when it is about to wait, and keeps when it was hit."""

import asyncio
import hashlib
import queue
import re
import socket
import subprocess
import threading
import time

from synapse_worker import Module, current_context

app = Module()
hit_at_ns = 0

HOURS = 3600
CATASTROPHIC = re.compile(r"(a+)+$")


def sleep():
    time.sleep(HOURS)


def lock():
    taken = threading.Lock()
    taken.acquire()
    taken.acquire()


def condition():
    queue.Queue().get()


def join_thread():
    threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
    threading.Event().wait(HOURS)


def read_socket():
    left, right = socket.socketpair()
    with left, right:
        left.recv(1)


def wait_for_process():
    process = subprocess.Popen(["sleep", str(HOURS)])
    try:
        process.wait()
    finally:
        process.kill()
        process.wait()


def python_loop():
    while True:
        pass


def nested_calls():
    def step(depth):
        return depth if depth == 0 else step(depth - 1)

    while True:
        step(50)


def regex():
    CATASTROPHIC.match("a" * 64 + "b")


WAYS = {
    way.__name__: way
    for way in (
        sleep,
        lock,
        condition,
        join_thread,
        read_socket,
        wait_for_process,
        python_loop,
        nested_calls,
        regex,
    )
}


@app.method
def ways() -> list[str]:
    return [*WAYS, "asyncio_sleep", "asyncio_sleep_beside_c"]


@app.method
def wait(way):
    global hit_at_ns
    current_context().progress("waiting")
    try:
        WAYS[way]()
    finally:
        hit_at_ns = time.monotonic_ns()


@app.method
async def wait_async():
    global hit_at_ns
    current_context().progress("waiting")
    try:
        await asyncio.sleep(HOURS)
    finally:
        hit_at_ns = time.monotonic_ns()


@app.method
def in_c():
    """Keep the main thread in C code that lets go of the interpreter but handles no signal."""
    hashlib.pbkdf2_hmac("sha256", b"", b"", 3_000_000)


@app.method
async def when_hit() -> int:
    return hit_at_ns
