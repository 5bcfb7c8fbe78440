"""`synapse env lock`: write down the exact packages that a module gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env import LockOptions, lock_environment, lock_problem

from ..command import EXIT_CODES, EXIT_DRIFT, EXIT_OK, add_command
from ..environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)

if TYPE_CHECKING:
    import argparse

    from ..output import Output

_DESCRIPTION = """\
Lock the requirements of the module in DIR: requirements.in, the dependencies in pyproject.toml, or
the script block (PEP 723) of its entrypoint become DIR/requirements.txt, with exact versions and
hashes for everything that comes from an index. `synapse env sync` then installs exactly that.

Versions that are locked already are kept where they still fit. A lock holds no index addresses
and no credentials; it is for the Python and the platform that its first line names.

examples:
  synapse env lock pricing
  synapse env lock pricing --upgrade-package numpy
  synapse env lock pricing --platform universal
  synapse env lock pricing --check
"""


def add_lock(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env lock`."""
    parser = add_command(
        parts,
        "lock",
        run_lock,
        summary="pin its packages, with hashes",
        description=_DESCRIPTION,
        exit_codes=f"{EXIT_CODES},\n            3 the lock is out of date (--check)",
    )
    add_directory(parser)
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest version of every package"
    )
    parser.add_argument(
        "--upgrade-package",
        metavar="NAME",
        action="append",
        default=[],
        help="take the newest version of this one (repeatable)",
    )
    parser.add_argument(
        "--platform",
        metavar="NAME",
        help='lock for another platform in uv\'s words ("linux", "windows", "macos", …), or for all '
        '("universal"); needs uv',
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit code 3 where the lock is not what its source asks for",
    )
    parser.add_argument(
        "--init",
        action="store_true",
        help="first rename a requirements.txt that you wrote to requirements.in",
    )
    add_environment_options(parser)


def run_lock(args: argparse.Namespace, output: Output) -> int:
    """Lock a module's requirements, or with `--check` say whether they are."""
    check_directory(args)
    request = environment_request(args)
    if args.check:
        problem = lock_problem(request)
        text = problem or "The lock is up to date."
        output.result({"locked": problem is None, "reason": problem}, text)
        return EXIT_OK if problem is None else EXIT_DRIFT
    options = LockOptions(args.upgrade, tuple(args.upgrade_package), args.platform)
    result = lock_environment(request, options, on_event=output.event, init=args.init)
    noun = "package" if result.packages == 1 else "packages"
    what = f"{result.packages} {noun} for Python {result.header.python}, {result.header.platform}"
    text = f"Locked {what} in {args.directory / result.path.name}"
    output.result(
        {
            "lock": str(result.path),
            "source": result.header.source,
            "python": result.header.python,
            "platform": result.header.platform,
            "packages": result.packages,
            "changed": result.changed,
        },
        text if result.changed else f"Unchanged: {what}",
    )
    return EXIT_OK
