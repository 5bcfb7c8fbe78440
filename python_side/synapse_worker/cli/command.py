"""What every subcommand shares: its shape, the exit codes and the options all of them take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .output import Output

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
# `synapse generate --check` found a client that is out of date.
EXIT_DRIFT = 3
# What a shell reports for a program ended by Ctrl-C (128 + SIGINT).
EXIT_INTERRUPTED = 130

EXIT_CODES = "exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted"


class Command(Protocol):
    """A subcommand's action."""

    def __call__(self, args: argparse.Namespace, output: Output) -> int:
        """Do it and return the exit code; failures are raised, not returned."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written, gives options room, and the usage one line."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=100)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Say `[options]` for what may be left out: they are listed below, and some have a dozen."""
        needed = [action for action in actions if not action.option_strings or action.required]
        some = argparse.Action(option_strings=[], dest="options", metavar="[options]")
        super().add_usage(usage, [some, *needed], [], prefix)


def add_command(
    subcommands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: Command,
    *,
    summary: str,
    description: str,
    exit_codes: str = EXIT_CODES,
) -> argparse.ArgumentParser:
    """Add a subcommand with the options that all of them take, and return its parser."""
    parser = subcommands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=exit_codes,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(action=action)
    parser.add_argument(
        "--json",
        action="store_true",
        help='print one JSON document on stdout; an error too: {"error": {…}}, in one line',
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks of failures")
    return parser
