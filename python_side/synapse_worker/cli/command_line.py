"""Builds the parser and runs the chosen command."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from synapse_worker.version import __version__

from .boundary import run_guarded
from .command import EXIT_CODES, EXIT_USAGE, HelpFormatter
from .output import Output
from .own_command import as_typed
from .usage import Parser, ParsingError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# Each has a module of its own with an `add_…`. Half of the time of a short command would go into importing the others.
_COMMANDS = ("init", "call", "env", "schema", "generate", "dev", "doctor", "bundle")
_DESCRIPTION = """\
Call Python functions from TypeScript as if they were local.

  synapse init pricing            write a runnable project
  synapse call pricing quote --args '["ACME"]'
                                  run one function of a module from the shell
  synapse generate pricing        write its TypeScript client
  synapse dev pricing -- npm start
                                  keep client and workers up to date while you edit
  synapse schema pricing          print what it offers
  synapse env sync pricing        build the module's Python environment beforehand
  synapse env status pricing      say whether it is ready
  synapse doctor                  say what is wrong on this machine or with its modules
  synapse bundle pricing -o out   make a folder of it that starts anywhere, without network

A module is a folder of Python with an entrypoint (main.py) and its requirements. From TypeScript:
  import { connect } from 'synapse-worker';
  const pricing = await connect('./pricing');
  const quote = await pricing.call('quote', ['ACME']);
"""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, or of one command where that is known."""
    parser: argparse.ArgumentParser = Parser(
        prog="synapse",
        description=_DESCRIPTION,
        epilog=f"`synapse COMMAND --help` explains each with examples.\n{EXIT_CODES}",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"synapse {__version__}", help="print the version"
    )
    parser.set_defaults(incomplete=parser)
    subcommands = parser.add_subparsers(title="commands", metavar="COMMAND", prog=parser.prog)
    for name in (command,) if command in _COMMANDS else _COMMANDS:
        module = import_module(f".{name}", __package__)
        getattr(module, f"add_{name}")(subcommands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        args = build_parser(next(iter(arguments), None)).parse_args(arguments)
    except ParsingError as problem:
        if "--json" in arguments:
            Output(as_json=True, debug=False).failure(problem)
        else:
            print(as_typed(problem.text), file=sys.stderr)
        return EXIT_USAGE
    if not hasattr(args, "action"):
        args.incomplete.print_help(sys.stderr)
        return EXIT_USAGE
    output = Output(as_json=args.json, debug=args.debug)
    return run_guarded(lambda: args.action(args, output), output)
