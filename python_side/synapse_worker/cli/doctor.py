"""`synapse doctor`: say what is wrong on this machine or with modules, and what to do about it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.doctor import Check, DoctorRequest, NodeFacts, Outcome, checks_for, run_checks
from synapse_worker.doctor.ending import end_children, own_children
from synapse_worker.doctor.find_modules import find_modules, modules_in
from synapse_worker.doctor.run import TOTAL_S, unfinished, within

from .command import EXIT_FAILED, EXIT_OK, add_command
from .environment_options import check_directory
from .examination import examination_json, examination_text
from .folder import folder
from .own_command import to_paste

if TYPE_CHECKING:
    from .output import Output

# Which modules there are is found out before anything is examined.
_SEARCH = Check("search", "Synapse", lambda: (), deadline_s=4.0)
_DESCRIPTION = """\
Look for what is wrong on this machine, and with the module in each DIR (default: those found
below this folder): Node, Python, tools, package index, permissions, disk, versions, environments,
generated clients, processes left behind. Each finding comes with what to do about it.

Nothing is changed, and no module is started unless --start says so. It takes 15 seconds at most.

examples:
  synapse doctor
  synapse doctor pricing ranking --offline
  synapse doctor pricing --start                import it, too, and compare its client
  synapse doctor --json | jq '.findings[] | select(.severity == "error")'
"""


def add_doctor(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `doctor` command."""
    parser = add_command(
        subcommands,
        "doctor",
        run_doctor,
        summary="say what is wrong, and what to do about it",
        description=_DESCRIPTION,
        exit_codes="exit codes: 0 nothing that keeps it from working, 1 an error was found, 2 wrong usage,\n"
        "            130 interrupted",
    )
    parser.add_argument(
        "directories",
        metavar="DIR",
        nargs="*",
        type=folder,
        help="a module's folder, or one above modules",
    )
    parser.add_argument("--offline", action="store_true", help="do not ask the package index")
    parser.add_argument(
        "--start",
        action="store_true",
        help="import the modules (their code runs) and compare their generated clients",
    )


def run_doctor(args: argparse.Namespace, output: Output) -> int:
    """Examine, print, and return 1 if something does not work."""
    # Nothing on disk is changed, not even by compiling what is imported later.
    sys.dont_write_bytecode = True
    request = DoctorRequest(
        offline=args.offline,
        start=args.start,
        node=NodeFacts.from_environment(os.environ),
    )
    if sys.stderr.isatty():
        output.status("Looking around…")
    before = own_children()
    try:
        outcomes = _examine(request, args.directories)
    finally:  # Ctrl-C, too
        end_children(but=before)
    if request.node is not None:
        outcomes = [_from_npm(outcome) for outcome in outcomes]
    output.clear()
    report = examination_json(outcomes)
    output.result(report, examination_text(outcomes))
    return EXIT_OK if report["ok"] else EXIT_FAILED


def _examine(request: DoctorRequest, folders: list[Path]) -> list[Outcome]:
    """Examine the machine and the modules in some folders, or without them where no file system says which."""
    begun = time.monotonic()

    def look() -> list[Check]:
        for directory in folders:
            check_directory(argparse.Namespace(directory=directory))
        return checks_for(replace(request, directories=modules_in(folders) or find_modules(Path())))

    checks = within(_SEARCH.deadline_s, look)
    total_s = TOTAL_S - (time.monotonic() - begun)
    outcomes = run_checks(checks or checks_for(request), total_s=total_s)
    return outcomes if checks else [*outcomes, Outcome(_SEARCH, (unfinished(_SEARCH),))]


def _from_npm(outcome: Outcome) -> Outcome:
    """Return the outcome with fixes to be pasted where npm has installed us: not on PATH."""
    findings = tuple(
        replace(found, fix=to_paste(found.fix)) if found.fix else found
        for found in outcome.findings
    )
    return replace(outcome, findings=findings)
