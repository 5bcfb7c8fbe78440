"""Runs a service as a container would: no network but its own, nothing to write, another user.

Started as `unshare --net --mount python3 container.py SPECIFICATION` by root; without those rights as
`python3 container.py`, and then what it cannot have is left out, which `confined` says. Standard library only.
"""

import fcntl
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import urllib.request

SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x41
NOBODY = 65534


def confine(root: str) -> None:
    """Bring up the loopback, which a network of one's own begins without, and make the root read-only."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))
    for options in (["--bind", root, root], ["-o", "remount,bind,ro", root]):
        subprocess.run(["mount", *options], check=True)


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def ask_for(port: str, target: str) -> int:
    """Return the status of what any stranger may send."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    try:
        connection.request("GET", target)
        return connection.getresponse().status
    finally:
        connection.close()


def main(specification: str) -> None:
    spec = json.loads(specification)
    confined = spec["confined"]
    if confined:
        confine(spec["root"])
        os.chdir("/")  # the mount is seen by paths that are walked from now on
    options = {
        "cwd": spec["cwd"],
        "env": spec["env"],
        "preexec_fn": become_nobody if confined else None,
        "text": True,
    }
    service = subprocess.Popen(
        spec["command"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )
    said = service.stdout.readline()
    base = f"http://127.0.0.1:{said.split()[-1]}"
    found = {"said": said, "writable": None}
    if said:
        found["strange"] = ask_for(said.split()[-1], "//")
        with urllib.request.urlopen(f"{base}/quote?symbol=ACME", timeout=10) as answer:
            found["answer"] = json.load(answer)
        variables = {**spec["env"], "PORT": said.split()[-1]}
        found["health"] = subprocess.run(
            spec["health"], **{**options, "env": variables}, check=False
        ).returncode
        write = ["/bin/sh", "-c", "touch written"]
        found["writable"] = (
            subprocess.run(write, **options, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )
        service.send_signal(signal.SIGTERM)
    _, found["stderr"] = service.communicate(timeout=60)
    found["ended"] = service.returncode
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
