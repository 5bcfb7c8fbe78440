"""`synapse env clean`: delete environments that Synapse made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env.cleaning import Outcome, clean_cache, clean_module
from synapse_worker.env.inventory import environments_below

from ..command import EXIT_FAILED, EXIT_OK, add_command
from ..environment_options import check_directory
from ..folder import folder
from ..usage import UsageError

if TYPE_CHECKING:
    import argparse

    from ..output import Output

_DESCRIPTION = """\
Delete the environment of the module in DIR, wherever it stands. The next start builds it again.

Only what Synapse made is deleted: never a .venv of your own, never a link or what it leads to.
What somebody builds or runs from just now stays, and is named.

examples:
  synapse env clean pricing
  synapse env clean --cache          tools, caches, logs, and environments that nobody uses
  synapse env clean --all            every environment in the cache
  synapse env clean --all services   and those of all modules below a folder
"""


def add_clean(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env clean`."""
    parser = add_command(
        parts, "clean", run_clean, summary="delete what Synapse made", description=_DESCRIPTION
    )
    parser.add_argument(
        "directory", metavar="DIR", type=folder, nargs="?", help="the module's folder"
    )
    parser.add_argument(
        "--cache",
        action="store_true",
        help="delete tools, caches, logs, and environments in the cache that nobody uses any more",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="delete every environment in the cache, and with DIR those of all modules below it",
    )


def run_clean(args: argparse.Namespace, output: Output) -> int:
    """Delete environments; the exit code says whether something had to stay."""
    if args.directory is None and not args.cache and not args.all:
        raise UsageError("Nothing to clean.", "Give a module's folder, --cache or --all.")
    outcomes: list[Outcome] = []
    if args.directory is not None:
        check_directory(args)
        below = [entry.home for entry in environments_below(args.directory)] if args.all else []
        for directory in below or [args.directory]:
            outcomes += clean_module(directory)
    if args.cache or args.all:
        outcomes += clean_cache(everything=args.all)
    lines = [
        f"Deleted {outcome.entry.path}"
        if outcome.kept_because is None
        else f"Kept {outcome.entry.path}: {outcome.kept_because}"
        for outcome in outcomes
    ]
    value = [
        {
            "path": str(outcome.entry.path),
            "kind": outcome.entry.kind,
            "deleted": outcome.kept_because is None,
            "reason": outcome.kept_because,
        }
        for outcome in outcomes
    ]
    output.result(value, "\n".join(lines) or "There was nothing to delete.")
    is_clean = all(outcome.kept_because is None for outcome in outcomes)
    return EXIT_OK if is_clean else EXIT_FAILED
