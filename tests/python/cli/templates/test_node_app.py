"""The service of the template node-app: it starts, answers, and ends in order when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.request
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from .conftest import NODE, Project

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S = 60.0
PROJECT = {"tasks": [{"name": "build", "optimistic": 2, "likely": 3, "pessimistic": 8}], "seed": 7}
SERVICES = [("node-app", "uv")]
pytestmark = [pytest.mark.slow, pytest.mark.network]


@contextmanager
def service(project: Project) -> Iterator[tuple[subprocess.Popen[str], str, IO[str]]]:
    """Start the service on a free port; yield its process, its address and its log."""
    assert NODE is not None
    with subprocess.Popen(
        [NODE, "dist/main.js"],
        cwd=project.folder,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "listening at " in line:
                    address = json.loads(line)["msg"].split("listening at ")[1]
                    yield process, address, process.stdout
                    break
            else:
                pytest.fail("never listened")
        finally:
            watchdog.cancel()
            process.kill()


@pytest.mark.parametrize("project", SERVICES, ids="-".join, indirect=True)
def test_it_answers_and_ends_in_order_with_its_workers(project: Project) -> None:
    with service(project) as (process, address, log):
        request = urllib.request.Request(
            f"{address}/forecasts",
            json.dumps(PROJECT).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            assert json.load(response)["runs"] == 100_000
        with urllib.request.urlopen(f"{address}/health", timeout=TIMEOUT_S) as response:
            pids = [worker["pid"] for worker in json.load(response)["workers"]]
        assert pids
        process.send_signal(signal.SIGTERM)
        messages = [json.loads(line)["msg"] for line in log]
        assert process.wait(TIMEOUT_S) == 0
    assert "stopped after 100000 runs" in messages  # what Python logs is in the log of the service
    assert messages[-1] == "SIGTERM: closing"
    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []


@pytest.mark.parametrize("project", SERVICES, ids="-".join, indirect=True)
def test_a_port_that_cannot_be_had_is_one_line_of_its_log_before_python_starts(
    project: Project,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        for port, said in (
            (str(number), f"Cannot listen on 127.0.0.1, port {number}: something else listens"),
            ("banana", 'PORT must be a number from 0 to 65535, not "banana".'),
        ):
            assert NODE is not None
            done = subprocess.run(
                [NODE, "dist/main.js"],
                cwd=project.folder,
                # Nothing could be built or started: that has to be refused before.
                env={**os.environ, "PORT": port, "SYNAPSE_PYTHON": "/nowhere"},
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            assert (done.returncode, done.stderr) == (1, "")
            (line,) = done.stdout.splitlines()
            assert json.loads(line)["msg"].startswith(said)
