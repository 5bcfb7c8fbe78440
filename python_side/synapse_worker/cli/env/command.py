"""The parts of `synapse env`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..command import EXIT_CODES, HelpFormatter
from .clean import add_clean
from .export import add_export
from .list import add_list
from .lock import add_lock
from .rebuild import add_rebuild
from .status import add_status
from .sync import add_sync

if TYPE_CHECKING:
    import argparse


def add_env(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `env` command with its parts."""
    parser = subcommands.add_parser(
        "env",
        help="build or inspect a module's Python environment",
        description="Build or inspect the Python environment of a module.",
        epilog=EXIT_CODES,
        formatter_class=HelpFormatter,
    )
    parser.set_defaults(incomplete=parser)
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", prog=parser.prog)
    for add in (
        *(add_sync, add_status, add_lock, add_export),
        *(add_rebuild, add_clean, add_list),
    ):
        add(parts)
