"""Runs the real command line in real processes, on modules whose environments are built once."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
Synapse = Callable[..., "subprocess.CompletedProcess[str]"]

NATIVE = '''
import datetime, sys, time
from synapse_worker import Module, current_context
app = Module()

@app.method
def add(a, b=1, *, c=0):
    """Add."""
    print("adding")
    return a + b + c

@app.method
def values():
    return {"bytes": b"\\x00\\xff", "when": datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc),
            "nan": float("nan"), "big": 2**70, 1: None}

@app.method
def count(stop):
    for number in range(stop):
        current_context().progress({"at": number})
        yield number

@app.method
def fail():
    raise ValueError("no such luck")

@app.method
def sleep():
    time.sleep(600)

@app.method
def sleepy():
    try:
        yield 1
        time.sleep(600)
    finally:
        print("tidied up")
'''
RAW = """
import sys, msgpack
while header := sys.stdin.buffer.read(4):
    request = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(header, "little")))
    payload = msgpack.packb({"doubled": request["value"] * 2})
    sys.stdout.buffer.write(len(payload).to_bytes(4, "little") + payload)
    sys.stdout.buffer.flush()
"""


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a wheel installs it: one state for the whole run, templates inside."""
    folder = tmp_path_factory.mktemp("installation")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".venv", "dist")
    package = folder / "synapse_worker"
    shutil.copytree(ROOT / "python_side" / "synapse_worker", package, ignore=ignored)
    shutil.copytree(ROOT / "templates", package / "_templates", ignore=ignored)
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, installation: Path) -> dict[str, str]:
    """The environment variables of a command line that is ours alone."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SYNAPSE_") and name != "PYTHONPATH"
    }
    cache = tmp_path_factory.mktemp("cache")
    return environment | {"PYTHONPATH": str(installation), "SYNAPSE_CACHE_DIR": str(cache)}


@pytest.fixture(scope="session")
def synapse(environment: dict[str, str]) -> Synapse:
    """Return a function that runs `synapse …` to its end."""

    def run(
        *arguments: str | Path,
        stdin: str = "",
        cwd: Path | None = None,
        python: str = sys.executable,
        **extra: str,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "synapse_worker", *map(str, arguments)],
            input=stdin,
            cwd=cwd,
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def popen_synapse(
    environment: dict[str, str],
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts `synapse …`; what still runs at the end is killed."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str | Path, cwd: Path | None = None) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "synapse_worker", *map(str, arguments)],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def _module(folder: Path, synapse: Synapse, source: str, *requirements: str) -> Path:
    (folder / "main.py").write_text(source)
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in requirements))
    done = synapse("env", "sync", folder, "--backend", "uv")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def native_module(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> Path:
    """A native module that is ready to be called."""
    return _module(tmp_path_factory.mktemp("native"), synapse, NATIVE)


@pytest.fixture(scope="session")
def raw_module(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> Path:
    """A raw module that is ready to be called."""
    return _module(tmp_path_factory.mktemp("raw"), synapse, RAW, "msgpack")
