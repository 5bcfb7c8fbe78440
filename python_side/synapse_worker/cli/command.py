"""What every subcommand shares: its shape, the exit codes and the options all of them take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn, Protocol

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from .output import Output

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
# What a shell reports for a program ended by Ctrl-C (128 + SIGINT).
EXIT_INTERRUPTED = 130

EXIT_CODES = "exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted"


class Command(Protocol):
    """A subcommand's action."""

    def __call__(self, args: argparse.Namespace, output: Output) -> int:
        """Do it and return the exit code; failures are raised, not returned."""


class UsageError(SynapseError):
    """The arguments make no sense together."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("INVALID_ARGUMENTS", message, details={"hint": hint})


class ParsingError(UsageError):
    """The arguments cannot be parsed; the parser's own words and how it is used."""

    def __init__(self, message: str, parser: argparse.ArgumentParser) -> None:
        super().__init__(f"{message}.", f"`{parser.prog} --help` explains it.")
        self.text = f"{parser.format_usage()}{parser.prog}: error: {message}"


class Parser(argparse.ArgumentParser):
    """A parser that raises what it has to say: with --json it must be JSON."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise ParsingError(message, self)


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written and gives options room."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=100)


def add_command(
    subcommands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: Command,
    *,
    summary: str,
    description: str,
) -> argparse.ArgumentParser:
    """Add a subcommand with the options that all of them take, and return its parser."""
    parser = subcommands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=EXIT_CODES,
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
