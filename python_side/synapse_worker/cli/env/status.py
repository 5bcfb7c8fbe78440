"""`synapse env status`: say whether a module's environment is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env import status_of

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

    from ..output import Output

_DESCRIPTION = """\
Say whether the environment of the module in DIR is ready (exit code 0), and if not (1), why.

examples:
  synapse env status pricing
  synapse env status pricing --json && echo ready
"""


def add_status(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env status`."""
    parser = add_command(
        parts, "status", run_status, summary="say whether it is ready", description=_DESCRIPTION
    )
    add_directory(parser)
    add_environment_options(parser)


def run_status(args: argparse.Namespace, output: Output) -> int:
    """Say whether a module's environment is ready; the exit code says it too."""
    check_directory(args)
    status = status_of(environment_request(args))
    reasons = [{"aspect": found.aspect, "message": found.message} for found in status.findings]
    text = "Ready." if status.is_ready else "Not ready."
    lines = [text, *(f"  {found.message}" for found in status.findings)]
    if not status.is_ready:
        if "lock" in status.aspects:
            lines.append(as_typed(f"`synapse env lock {args.directory}` comes first."))
        lines.append(as_typed(f"`synapse env sync {args.directory}` makes it ready."))
    marker = status.marker.to_json() if status.marker else None
    output.result(
        {"ready": status.is_ready, "reasons": reasons, "marker": marker}, "\n".join(lines)
    )
    return EXIT_OK if status.is_ready else EXIT_FAILED
