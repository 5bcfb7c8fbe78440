"""`synapse dev`: keep the generated clients, the workers and the screen up to date while you edit."""

from __future__ import annotations

import argparse
import shlex
import shutil
from typing import TYPE_CHECKING

from .command import add_command
from .development import Development
from .environment_options import add_environment_options, check_directory
from .folder import folder
from .generate import add_generate_options, generate_module, generate_request
from .orderly_end import end_orderly
from .usage import Parser, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from .generation import GenerateOutcome
    from .output import Output

_DESCRIPTION = """\
Watch the modules in DIR… while you edit. After a change of their Python the client is generated
again, if it differs, and what is wrong is printed as `file:line: message`. The last good client
stays until the new code can be imported.

With a command after --, that runs too: every connect() in it reloads its workers when their Python
changes, and keeps the old ones until the new ones have started. When the command ends, so does
`synapse dev`, with its exit code. Ctrl-C ends both.

examples:
  synapse dev pricing
  synapse dev pricing -o src/generated -- npx tsx watch src/main.ts
  synapse dev pricing ranking -- npm start
"""


def add_dev(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `dev` command."""
    parser = add_command(
        subcommands,
        "dev",
        run_dev,
        summary="watch modules, regenerate clients, reload workers",
        description=_DESCRIPTION,
    )
    assert isinstance(parser, Parser)
    parser.takes_command = True
    parser.add_argument(
        "directories", metavar="DIR", nargs="+", type=folder, help="a module's folder"
    )
    parser.add_argument(
        "--declarations",
        action="store_true",
        help="keep main.d.py.ts beside main.py instead of a client, for importing it directly",
    )
    add_generate_options(parser)
    add_environment_options(parser)


def run_dev(args: argparse.Namespace, output: Output) -> int:
    """Watch until the command has ended, or for ever."""
    for place, directory in enumerate(args.directories):
        _check_is_no_command(args, place)
        check_directory(argparse.Namespace(directory=directory))
    if args.command and shutil.which(args.command[0]) is None:
        raise UsageError(
            f'The command "{args.command[0]}" was not found.',
            "What stands after -- is run as it is, without a shell.",
        )
    end_orderly()  # the command must not be left behind

    def generate(directory: Path) -> GenerateOutcome:
        # Asked anew each time: the module's own settings may have been what was edited.
        request = generate_request(args, directory)
        return generate_module(request, on_event=output.event)

    return Development(args.directories, generate, args.command, output).run()


def _check_is_no_command(args: argparse.Namespace, place: int) -> None:
    """Refuse a command that stands among the folders."""
    name = str(args.directories[place])
    if place == 0 or args.directories[place].exists() or shutil.which(name) is None:
        return
    folders, command = (
        shlex.join(map(str, part)) for part in (args.directories[:place], args.directories[place:])
    )
    raise UsageError(
        f'There is no folder "{name}".',
        f"A command to run stands after --: `synapse dev {folders} -- {command}`",
    )
