"""Asks a module for its schema from inside its environment; started by `description.py`, by its path.

Only there a MessagePack codec is sure to exist. One JSON document comes in, one goes out: user code
prints into the worker's pipes, never here.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Read what to describe from stdin and print its schema, or what went wrong."""
    _make_importable()
    from synapse_worker.protocol.errors import SynapseError, error_to_wire

    asked: dict[str, Any] = json.load(sys.stdin)
    said: list[str] = []
    try:
        answer = {"schema": _describe(asked, said)}
    except SynapseError as error:
        answer = {"error": error_to_wire(error)}
        if isinstance(error.details, dict) and error.details.get("file"):
            said.clear()  # Python's own report of what the error says, with its place
        else:
            said = [line for line in said if error.message not in line]
    sys.stderr.write("".join(said))
    print(json.dumps(answer))


def _make_importable() -> None:
    """Find our package and the private codec, both behind everything of the module's own."""
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for path in (own, os.path.join(sys.prefix, "synapse", "codec")):
        if path not in sys.path:
            sys.path.append(path)


def _describe(asked: dict[str, Any], said: list[str]) -> Any:
    from synapse_worker.supervisor import LaunchSpec, open_worker

    def show_log(_source: str, line: str) -> None:
        said.append(line if line.endswith("\n") else f"{line}\n")

    spec = LaunchSpec(
        python=asked["python"],
        script=asked["script"],
        directory=asked["directory"],
        entrypoint=asked["entrypoint"],
        dialect="native",
        name=asked["name"],
        describe=True,
    )
    limit = asked["start_timeout_ms"]
    with open_worker(spec, on_log=show_log, start_timeout_ms=limit) as worker:
        return worker.call("$schema", kwargs={"full": True})["schema"]


if __name__ == "__main__":
    main()
