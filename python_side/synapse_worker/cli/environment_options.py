"""The folder and the options of every command that may have to build a module's environment."""

from __future__ import annotations

import argparse

from synapse_worker.env import EnvironmentRequest

from .folder import folder
from .milliseconds import milliseconds
from .usage import UsageError

_LOCK_TIMEOUT_MS = EnvironmentRequest.lock_timeout_s * 1000


def add_environment_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide how an environment is built."""
    group = parser.add_argument_group("environment")
    _add_what(group)
    _add_fetching(group)


def _add_what(group: argparse._ArgumentGroup) -> None:
    """Add what the environment is to be: its Python, what builds it, and for which module."""
    group.add_argument(
        "--python",
        metavar="SPEC",
        help='a version ("3.12"), a range (">=3.11"), a command, a path, "active" or "conda:NAME"; '
        "otherwise [tool.synapse] python, $SYNAPSE_PYTHON, .python-version, or the Python that runs this",
    )
    group.add_argument(
        "--backend",
        choices=["auto", "uv", "virtualenv"],
        default="auto",
        help="what builds it (default: uv when found, otherwise virtualenv with pip-tools)",
    )
    group.add_argument(
        "--dialect",
        choices=["auto", "native", "raw"],
        default="auto",
        help="how the module is spoken to (default: decided from its source)",
    )
    group.add_argument(
        "--entrypoint",
        metavar="FILE",
        help="the module's file (default: [tool.synapse] entrypoint, otherwise main.py)",
    )
    group.add_argument(
        "--share",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="share one environment, in the cache, with all modules that need the very same "
        "(default: [tool.synapse] share-environment, otherwise no)",
    )
    group.add_argument(
        "--runtime",
        metavar="DIR",
        type=folder,
        help="the runtime folder of an npm installation (otherwise $SYNAPSE_RUNTIME_DIR)",
    )
    group.add_argument(
        "--lock-timeout-ms",
        metavar="MS",
        type=milliseconds,
        default=_LOCK_TIMEOUT_MS,
        help="how long to wait for who builds, exports or cleans meanwhile "
        f"(default: {_LOCK_TIMEOUT_MS:.0f}, half an hour)",
    )


def _add_fetching(group: argparse._ArgumentGroup) -> None:
    """Add what may be fetched for it, and from where."""
    group.add_argument(
        "--offline",
        action="store_true",
        help="ask no index: packages come from --find-links folders and, with uv, from its cache",
    )
    group.add_argument(
        "--no-build",
        action="store_true",
        help="take wheels only, so that no package's own code runs while it is installed",
    )
    group.add_argument(
        "--find-links",
        metavar="DIR",
        type=folder,
        action="append",
        default=[],
        help="a folder of wheels, for instance one that `synapse env export` wrote (repeatable)",
    )


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Add the module that a command is about."""
    parser.add_argument("directory", metavar="DIR", type=folder, help="the module's folder")


def check_directory(args: argparse.Namespace) -> None:
    """Refuse a folder that is not there, in the same words for every command."""
    if args.directory.is_file():
        raise UsageError(
            f'"{args.directory}" is a file.',
            f'Give the folder of the Python module: "{args.directory.parent}".',
        )
    if not args.directory.is_dir():
        raise UsageError(
            f'Directory "{args.directory}" does not exist.',
            "Give the folder of the Python module; `synapse init DIR` makes one.",
        )


def environment_request(args: argparse.Namespace) -> EnvironmentRequest:
    """Return the request that the options describe."""
    return EnvironmentRequest(
        directory=args.directory,
        python=args.python,
        backend=args.backend,
        dialect=args.dialect,
        entrypoint=args.entrypoint,
        share=args.share,
        runtime_folder=args.runtime,
        lock_timeout_s=args.lock_timeout_ms / 1000,
        offline=args.offline,
        no_build=args.no_build,
        find_links=tuple(args.find_links),
    )
