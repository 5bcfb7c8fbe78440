"""`synapse env list`: which environments there are, and what they take up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env.inventory import (
    Entry,
    environments_below,
    environments_in_cache,
    size_bytes,
)

from ..command import EXIT_OK, add_command
from ..environment_options import check_directory
from ..folder import folder

if TYPE_CHECKING:
    import argparse

    from ..output import Output

_MEGABYTE = 1_000_000
_DESCRIPTION = """\
List the environments of the modules in DIR and below it (default: the current folder), and all that
stand in the cache: those of folders that cannot be written, shared ones, and the tools that build.

examples:
  synapse env list
  synapse env list services --json
"""


def add_list(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `env list`."""
    parser = add_command(
        parts, "list", run_list, summary="list the environments", description=_DESCRIPTION
    )
    parser.add_argument(
        "directory",
        metavar="DIR",
        type=folder,
        nargs="?",
        default=Path(),
        help="where to look (default: the current folder)",
    )


def run_list(args: argparse.Namespace, output: Output) -> int:
    """List the environments below a folder and in the cache."""
    check_directory(args)
    found = [*environments_below(args.directory), *environments_in_cache()]
    rows = [(entry, size_bytes(entry.path)) for entry in found]
    output.result([_value(*row) for row in rows], _table(rows) or "There are no environments.")
    return EXIT_OK


def _value(entry: Entry, size: int) -> dict[str, object]:
    return {
        "path": str(entry.path),
        "kind": entry.kind,
        "owned": entry.is_ours,
        "state": entry.state,
        "reasons": list(entry.reasons),
        "python": entry.python,
        "size_bytes": size,
        "modules": [str(module) for module in entry.modules],
    }


def _table(rows: list[tuple[Entry, int]]) -> str:
    cells = [
        (
            entry.state if entry.is_ours or entry.marker is None else f"{entry.state}, yours",
            entry.python or "?",
            f"{size / _MEGABYTE:.1f} MB",
            entry.kind,
            str(entry.path),
        )
        for entry, size in rows
    ]
    if not cells:
        return ""
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines: list[str] = []
    for row, (entry, _size) in zip(cells, rows, strict=True):
        *short, path = row
        lines.append(
            "  ".join(cell.ljust(width) for cell, width in zip(short, widths, strict=True))
            + f"  {path}"
        )
        lines += [f"    {reason}" for reason in entry.reasons]
        if entry.kind != "module":
            lines += [f"    used by {module}" for module in entry.modules]
    return "\n".join(lines)
