"""Wrong usage as an error like any other, so that it can be printed in the form asked for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    # Whether what follows `--` is a command to run, kept as it is in `args.command`.
    takes_command = False

    def parse_known_args(  # type: ignore[override]  # the overloads of the original say no more
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse; set a command after `--` apart first, where one is taken."""
        if not self.takes_command:
            return super().parse_known_args(args, namespace)
        own = list(args or ())
        end = own.index("--") if "--" in own else len(own)
        parsed, unknown = super().parse_known_args(own[:end], namespace)
        parsed.command = own[end + 1 :]
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise ParsingError(message, self)
