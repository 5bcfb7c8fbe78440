"""`synapse bundle`: make a module and its environment one folder to be carried to where it runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from synapse_worker.bundle import BundleRequest, make_bundle, verify_bundle

from .command import EXIT_FAILED, EXIT_OK, add_command
from .environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)
from .folder import folder
from .orderly_end import end_orderly
from .usage import UsageError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from synapse_worker.bundle import Bundle, Verification

    from .output import Output

# Of what was left out, as many lines are shown; --json has them all.
_SHOWN = 12
_DESCRIPTION = """\
Make a bundle of the module in DIR: a folder with its files, its environment with every package,
the wheels these came from, and a list of all of it with hashes (bundle.json). It can be copied
anywhere, also read-only, and starts without network where the same Python (3.11, say), platform
and libc are.

What .gitignore names, secrets (.env, *.pem, *.key, …) and leftovers (.git, .venv, caches) stay out;
`include` and `exclude` under [tool.synapse.bundle] in pyproject.toml say otherwise.

examples:
  synapse bundle pricing -o out/pricing
  synapse bundle pricing -o out/pricing --replace --backend uv
  synapse bundle --verify out/pricing            is every file as it was made?
"""


def add_bundle(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `bundle` command."""
    parser = add_command(
        subcommands,
        "bundle",
        run_bundle,
        summary="make a module one folder that starts anywhere, without network",
        description=_DESCRIPTION,
    )
    add_directory(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=folder,
        help="the bundle's folder; it must not exist yet",
    )
    parser.add_argument(
        "--replace", action="store_true", help="put it in the place of a bundle that is there"
    )
    parser.add_argument(
        "--no-wheels",
        action="store_true",
        help="leave out the files that its packages are installed from (half of its size)",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="DIR is a bundle: compare each of its files with bundle.json",
    )
    add_environment_options(parser)


def run_bundle(args: argparse.Namespace, output: Output) -> int:
    """Make a bundle, or check one."""
    check_directory(args)
    if args.verify:
        return _verify(args, output)
    if args.output is None:
        raise UsageError(
            "Where should the bundle go?",
            f"`synapse bundle {args.directory} -o out/{_name(args)}`",
        )
    request = BundleRequest(
        environment_request(args), args.output, args.replace, wheels=not args.no_wheels
    )
    end_orderly()  # what is half made must not be left behind
    bundle = make_bundle(request, on_event=output.event)
    output.result(_as_json(bundle), "\n".join(_lines(bundle, args.output)))
    return EXIT_OK


def _name(args: argparse.Namespace) -> str:
    return str(args.directory.resolve().name)


def _lines(bundle: Bundle, output: Path) -> list[str]:
    manifest = bundle.manifest
    python = manifest.python
    count = len(manifest.packages)
    packages = "1 package" if count == 1 else f"{count} packages"
    files = f"{len(manifest.files)} files, {packages}, {_size(bundle.size)}"
    lines = [f"Bundled {manifest.name} in {output}: {files}.", f"It needs {python}."]
    if bundle.omitted:
        lines.append("Left out:")
        shown = list(bundle.omitted.items())[:_SHOWN]
        lines += [f"  {path} ({reason})" for path, reason in shown]
        if len(bundle.omitted) > _SHOWN:
            lines.append(f"  … and {len(bundle.omitted) - _SHOWN} more (--json has them all)")
    return lines + [f"Warning: {warning}." for warning in bundle.warnings]


def _as_json(bundle: Bundle) -> dict[str, object]:
    manifest = bundle.manifest
    return {
        "directory": str(bundle.directory),
        "name": manifest.name,
        "synapse": manifest.synapse,
        "python": asdict(manifest.python),
        "packages": manifest.packages,
        "files": len(manifest.files),
        "bytes": bundle.size,
        "omitted": bundle.omitted,
        "warnings": list(bundle.warnings),
    }


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def _verify(args: argparse.Namespace, output: Output) -> int:
    if args.output is not None or args.replace or args.no_wheels:
        raise UsageError(
            "--verify reads a bundle and writes none.",
            f"`synapse bundle --verify {args.directory}`",
        )
    found = verify_bundle(args.directory)
    output.result(
        {"sound": found.is_sound, "problems": found.problems, "added": list(found.added)},
        "\n".join(_findings(found, args.directory)),
    )
    return EXIT_OK if found.is_sound else EXIT_FAILED


def _findings(found: Verification, directory: Path) -> list[str]:
    count = len(found.manifest.files)
    if found.is_sound:
        lines = [f"Sound: all {count} files of {directory} are as they were made."]
    else:
        lines = [f"Damaged: {len(found.problems)} of {count} files."]
        lines += [f"  {path} {problem}" for path, problem in found.problems.items()]
        lines.append("Copy the bundle again, with hidden files, or make it again.")
    if found.added:
        lines.append(f"{len(found.added)} files came later, such as {found.added[0]}.")
    return lines
