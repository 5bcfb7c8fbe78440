"""`synapse env sync`: make a module's environment ready."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError, sync_environment
from synapse_worker.protocol.errors import error_to_wire

from ..command import EXIT_FAILED, EXIT_OK, add_command
from ..environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)
from ..own_command import as_typed

if TYPE_CHECKING:
    import argparse

    from synapse_worker.env import Event, ToolRunner

    from ..output import Output

STDIN = 0
_DESCRIPTION = """\
Make the environment of the module in DIR ready: DIR/.venv, from the first of requirements.txt,
pylock.toml, uv.lock, requirements.in, the dependencies in pyproject.toml, and the script block
(PEP 723) of its entrypoint.

A ready environment is left alone, a changed one is brought up to date, a half-built one is
built again. A .venv that Synapse did not make is never deleted; packages are added to it.
Where DIR cannot be written, the environment stands in the cache.

examples:
  synapse env sync pricing
  synapse env sync pricing --python 3.12 --backend uv
  synapse env sync pricing --json
"""


def add_sync(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env sync`."""
    parser = add_command(
        parts, "sync", run_sync, summary="make the environment ready", description=_DESCRIPTION
    )
    add_directory(parser)
    add_environment_options(parser)
    parser.add_argument(
        "--events",
        action="store_true",
        help="print the build as JSON lines on stdout (what the npm package reads)",
    )
    parser.add_argument(
        "--watch-stdin",
        action="store_true",
        help="stop the build and its tools when stdin ends",
    )


def run_sync(args: argparse.Namespace, output: Output) -> int:
    """Make a module's environment ready."""
    runners: list[ToolRunner] = []
    if args.watch_stdin:
        _stop_when_stdin_ends(runners)
    if args.events:
        return _sync_with_events(args, runners)
    check_directory(args)
    marker = sync_environment(
        environment_request(args), on_event=output.event, on_runner=runners.append
    )
    version = marker.interpreter.version if marker.interpreter else "?"
    output.result(
        {"ready": True, "marker": marker.to_json()},
        f"Ready: {marker.environment(args.directory)} (Python {version})",
    )
    return EXIT_OK


def _sync_with_events(args: argparse.Namespace, runners: list[ToolRunner]) -> int:
    try:
        marker = sync_environment(
            environment_request(args), on_event=_print_event, on_runner=runners.append
        )
    except ModuleEnvironmentError as failure:
        error = error_to_wire(failure)
        error["message"] = as_typed(error["message"])
        error["details"]["hint"] = as_typed(failure.hint)
        _print_event({"event": "error", "error": error})
        return EXIT_FAILED
    _print_event({"event": "ready", "marker": marker.to_json()})
    return EXIT_OK


def _print_event(event: Event) -> None:
    if isinstance(message := event.get("message"), str):
        event = {**event, "message": as_typed(message)}
    print(json.dumps(event), flush=True)


def _stop_when_stdin_ends(runners: list[ToolRunner]) -> None:
    """End this process, and whatever tool runs, when whoever started us has gone or given up."""

    def watch() -> None:
        with contextlib.suppress(OSError):  # a closed stdin has ended as well
            while os.read(STDIN, 4096):
                pass
        for runner in list(runners):
            runner.stop()
            if runner.temporary is not None:
                shutil.rmtree(runner.temporary, ignore_errors=True)
        # The marker says "building" or is the old one: ending here at once is safe.
        os._exit(EXIT_FAILED)

    threading.Thread(target=watch, name="synapse-watch-stdin", daemon=True).start()
