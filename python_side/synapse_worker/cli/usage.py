"""Wrong usage as an error like any other, so that it can be printed in the form asked for."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
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

    def __init__(self, message: str, parser: argparse.ArgumentParser, advice: str = "") -> None:
        hint = f"{advice}`{parser.prog} --help` explains it."
        super().__init__(f"{message}.", hint)
        usage = parser.format_usage()
        self.text = f"{usage}{parser.prog}: error: {message}\nWhat to do: {hint}"


class Parser(argparse.ArgumentParser):
    """A parser that raises what it has to say: with --json it must be JSON."""

    # Whether what follows `--` is a command to run, kept as it is in `args.command`.
    takes_command = False
    # What to say where there are more arguments than it takes.
    surplus_advice = ""

    def parse_known_args(  # type: ignore[override]  # the overloads of the original say no more
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse; set a command after `--` apart first, where one is taken."""
        own = args
        if self.takes_command:
            given = list(args or ())
            end = given.index("--") if "--" in given else len(given)
            own, command = given[:end], given[end + 1 :]
        parsed, unknown = super().parse_known_args(own, namespace)
        if unknown and self._subparsers is None:
            # Here it is known which command they were given to; above it no more.
            raise ParsingError(f"unknown: {' '.join(unknown)}", self, self._advice(unknown))
        if self.takes_command:
            parsed.command = command
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise ParsingError(message, self)

    def _advice(self, unknown: Sequence[str]) -> str:
        """Return what may have been meant by arguments that nobody asked for."""
        own = [name for action in self._actions for name in action.option_strings]
        for argument in unknown:
            option = argument.partition("=")[0]
            meant = get_close_matches(option, own, n=1) if option.startswith("-") else []
            if len(option) == 2 and option.startswith("-"):
                meant = [name for name in own if name.startswith(f"-{option}")]
            if meant:
                return f"Did you mean {' or '.join(meant)}? "
        return self.surplus_advice if not unknown[0].startswith("-") else ""
