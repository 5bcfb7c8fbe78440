"""The schema of a module in a folder: its environment is made ready once, its code imported there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env import read_project, sync_environment
from synapse_worker.env.sources.plain_file import read_plain
from synapse_worker.protocol.errors import SynapseError, error_from_wire
from synapse_worker.schema.json_form import schema_from_json
from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect

from .usage import UsageError

if TYPE_CHECKING:
    from synapse_worker.env import EnvironmentRequest
    from synapse_worker.env.events import EventSink
    from synapse_worker.schema.definitions import Schema

# As long as `connect()` waits by default.
START_TIMEOUT_MS = 60_000
# What describing may take on top of importing.
_GRACE_SECONDS = 30.0


def describe_directory(
    request: EnvironmentRequest, name: str, *, on_event: EventSink | None = None
) -> Schema:
    """Return the schema of the module that a request names.

    Raises:
        SynapseError: the environment cannot be built, the code not imported or not described; the
            details name file and line where they are known.
    """
    project = read_project(request.directory)
    entrypoint = project.chosen_entrypoint(request.entrypoint)
    _check_native(request, entrypoint)
    marker = sync_environment(request, on_event=on_event or (lambda event: None))
    assert marker.launch is not None  # a ready marker has one
    asked = {
        "python": marker.launch.python,
        "script": marker.launch.script,
        "directory": marker.directory,
        "entrypoint": entrypoint,
        "name": name,
        "start_timeout_ms": START_TIMEOUT_MS,
    }
    script = Path(marker.launch.script).parent.parent / "cli" / "describing.py"
    done = subprocess.run(
        [marker.launch.python, "-I", str(script)],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        timeout=START_TIMEOUT_MS / 1000 + _GRACE_SECONDS,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        raise SynapseError("INTERNAL", f"Describing {request.directory} ended without an answer.")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise error_from_wire(answer["error"])
    return schema_from_json(answer["schema"])


def _check_native(request: EnvironmentRequest, entrypoint: str) -> None:
    path = request.directory / entrypoint
    try:
        dialect = (
            decide_dialect(read_plain(path), entrypoint)
            if request.dialect == "auto"
            else request.dialect
        )
    except OSError as problem:
        raise UsageError(
            f'The entrypoint "{path}" cannot be read: {problem.strerror}.',
            "Name it with --entrypoint, or in [tool.synapse] of the module's pyproject.toml.",
        ) from problem
    except (DialectUndecidedError, SyntaxError):
        return  # importing it says what is wrong, with file and line
    if dialect == "raw":
        raise UsageError(
            f"{path} is a raw module: it has no functions that could be described.",
            "Make it a module: `from synapse_worker import Module`, `app = Module()`, `@app.method`.",
        )
