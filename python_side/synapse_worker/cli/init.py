"""`synapse init`: write a runnable project."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from .command import EXIT_OK, add_command
from .folder import folder
from .starter import TEMPLATES, find_starter, package_specification

if TYPE_CHECKING:
    import argparse

    from .output import Output

_LIST = "\n".join(f"  {name:<10}{summary}" for name, summary in TEMPLATES.items())
_DESCRIPTION = f"""\
Write a runnable project into DIR: a Python module with its locked requirements, a typed TypeScript
caller, pytest and Jest tests. Nothing that exists is overwritten.

templates:
{_LIST}

examples:
  synapse init pricing
  synapse init forecasts --template node-app
  synapse init legacy --template raw
  synapse init pricing --link ./synapse-worker-0.1.0.tgz    use a package that is not published
"""


def add_init(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `init` command."""
    parser = add_command(
        subcommands,
        "init",
        run_init,
        summary="write a runnable project from a template",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        type=folder,
        default=Path(),
        help="the new project's folder (default: this one)",
    )
    parser.add_argument(
        "--template",
        choices=list(TEMPLATES),
        default="module",
        help="what to start from (default: module)",
    )
    parser.add_argument(
        "--list", action="store_true", help="say which templates there are; write nothing"
    )
    parser.add_argument(
        "--link",
        metavar="PACKAGE",
        help="where npm gets synapse-worker from: a tarball, a folder or a version "
        "(default: $SYNAPSE_PACKAGE, or where this one came from)",
    )


def run_init(args: argparse.Namespace, output: Output) -> int:
    """Write the project and print the next commands, or print the list of templates."""
    if args.list:
        templates = [{"name": name, "summary": text} for name, text in TEMPLATES.items()]
        output.result({"templates": templates}, _LIST)
        return EXIT_OK
    package = package_specification(args.link)
    files = find_starter(args.template).write(args.directory, package)
    directory = str(args.directory)
    install = "npm install" if directory == "." else f"cd {shlex.quote(directory)} && npm install"
    commands = [install, "npm start", "npm test"]
    shown = "\n".join(f"  {name}" for name in files)
    steps = "\n".join(f"  {command}" for command in commands)
    output.result(
        {"directory": str(args.directory.resolve()), "files": files, "next": commands},
        f"Wrote {len(files)} files to {directory}:\n{shown}\n\nNext:\n{steps}\n\n"
        "README.md says what is where, and how to deploy it.",
    )
    return EXIT_OK
