"""Wrong usage as an error like any other, so that it can be printed in the form asked for."""

from __future__ import annotations

import argparse
from typing import NoReturn

from synapse_worker.protocol.errors import SynapseError


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
