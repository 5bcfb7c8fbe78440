"""`synapse env export`: fill a folder with wheels for a machine without network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env import export_wheelhouse

from ..command import EXIT_OK, add_command
from ..environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)
from ..folder import folder
from ..own_command import as_typed

if TYPE_CHECKING:
    import argparse

    from ..output import Output

_DESCRIPTION = """\
Fill a folder with everything that the environment of the module in DIR is built from: the locked
packages for this Python and platform, the codec, virtualenv and pip-tools, and what local projects
are built with. On a machine of the same kind it then takes no network:

  synapse env sync DIR --offline --find-links wheelhouse

An earlier export is replaced, any other folder is left alone.

examples:
  synapse env export pricing -o wheelhouse
"""


def add_export(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env export`."""
    parser = add_command(
        parts,
        "export",
        run_export,
        summary="fill a folder for offline use",
        description=_DESCRIPTION,
    )
    add_directory(parser)
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=folder, required=True, help="the folder to fill"
    )
    add_environment_options(parser)


def run_export(args: argparse.Namespace, output: Output) -> int:
    """Export a module's wheelhouse."""
    check_directory(args)
    wheelhouse = export_wheelhouse(environment_request(args), args.output, on_event=output.event)
    count = len(wheelhouse.files)
    output.result(
        {
            "wheelhouse": str(wheelhouse.path),
            "python": wheelhouse.python,
            "platform": wheelhouse.platform,
            "files": list(wheelhouse.files),
        },
        f"Exported {count} file{'' if count == 1 else 's'} for Python {wheelhouse.python}, "
        f"{wheelhouse.platform} to {args.output}\n"
        + as_typed(
            f"`synapse env sync {args.directory} --offline --find-links {args.output}` needs no network."
        ),
    )
    return EXIT_OK
