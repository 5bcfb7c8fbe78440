"""`synapse env rebuild`: make a module's environment anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env import sync_environment

from ..command import EXIT_OK, add_command
from ..environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)

if TYPE_CHECKING:
    import argparse

    from ..output import Output

_DESCRIPTION = """\
Make the environment of the module in DIR anew, from nothing, also when it is ready. Versions that
no lock pins are looked up again.

A .venv that Synapse did not make is left alone, and so is the environment of a bundle.

examples:
  synapse env rebuild pricing
  synapse env rebuild pricing --python 3.12
"""


def add_rebuild(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env rebuild`."""
    parser = add_command(
        parts, "rebuild", run_rebuild, summary="make it anew", description=_DESCRIPTION
    )
    add_directory(parser)
    add_environment_options(parser)


def run_rebuild(args: argparse.Namespace, output: Output) -> int:
    """Make a module's environment anew."""
    check_directory(args)
    marker = sync_environment(environment_request(args), on_event=output.event, rebuild=True)
    version = marker.interpreter.version if marker.interpreter else "?"
    output.result(
        {"ready": True, "marker": marker.to_json()},
        f"Rebuilt: {marker.environment(args.directory)} (Python {version})",
    )
    return EXIT_OK
