"""Says why a tool failed: the error a caller sees, with the cause first and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import BUILD_FAILED, ModuleEnvironmentError
from .excerpt import build_output, shown, shown_build, without_tracebacks
from .symptoms import SYMPTOMS

if TYPE_CHECKING:
    from pathlib import Path

    from .symptom import Groups, Symptom
    from .toolrun import ToolError

# What is read of one line: a sentence of a resolver fits, an archive printed by mistake does not.
_READ_CHARACTERS = 1000

# Which package it was that could not be built, in the words of either backend.
_BUILT_PACKAGE = re.compile(
    r"Failed building (?:wheel|editable) for (?P<package>\S+)"
    r"|Failed to (?:download and )?build(?: editable)? `(?P<package2>[^`]+)`"
    r"|Failed to build '(?P<package3>[^']+)' when"
    r"|╰─> from (?P<package4>\S+)"
    r"|Failed to build installable wheels[^\n]*\n\s*╰─> (?P<package5>[^\n]+)"
)
# Which package a failure is about, where no build failed.
_ASKED_PACKAGE = re.compile(
    r"Because (?P<package>[\w.\-\[\]]+) was not found|No matching distribution found for (?P<package2>[^\s,]+)"
    r"|Failed to download `(?P<package3>[^`@]+)|Collecting (?P<package4>\S+) @ "
)


def diagnose(failed: ToolError, *, log_path: Path | None = None) -> ModuleEnvironmentError:
    """Return the error a caller sees for a tool that failed."""
    whole = without_tracebacks(tuple(line[:_READ_CHARACTERS] for line in failed.lines))
    lines = shown(whole)
    if failed.status < 0:
        return _error(
            failed,
            BUILD_FAILED,
            f"{failed.title} was killed by signal {-failed.status}.",
            "Memory that ran out is the usual reason: give the build more of it, or run less beside "
            "it, then retry.",
            lines,
            log_path,
            is_passing=True,
        )
    text = "\n".join(whole)
    output = build_output(whole)
    said_by_build = "\n".join(output)
    package = _package(_BUILT_PACKAGE, text) or _package(_ASKED_PACKAGE, text)
    for symptom in SYMPTOMS:
        match = symptom.pattern.search(said_by_build if symptom.is_build else text)
        groups = _groups(match) if match else None
        if groups is not None and symptom.applies(groups):
            seen = shown_build(output) if symptom.is_build else lines
            return _named(failed, symptom, groups, package, seen, log_path)
    if output:
        message = f"{_building(failed, package)} failed."
        hint = (
            "The lines above are the last that its build said. A newer version of it, or one that has a "
            "wheel for this Python, often helps."
        )
        return _error(failed, BUILD_FAILED, message, hint, shown_build(output), log_path)
    message = f"{failed.title} failed (status {failed.status})."
    hint = "Read the tool's lines; the full log has all that it said."
    return _error(failed, BUILD_FAILED, message, hint, lines, log_path)


def _named(
    failed: ToolError,
    symptom: Symptom,
    groups: Groups,
    package: str,
    lines: tuple[str, ...],
    log_path: Path | None,
) -> ModuleEnvironmentError:
    fields = {
        "package": package or "a package",
        "python": failed.python or "this version",
        **groups,
    }
    fields["advice"] = symptom.advice(groups)
    message = symptom.message.format(**fields)
    if symptom.is_build:
        message = f"{_building(failed, package)} failed: {message}."
    return _error(
        failed,
        symptom.code,
        message,
        symptom.hint.format(**fields),
        lines,
        log_path,
        is_passing=symptom.is_passing,
    )


def _building(failed: ToolError, package: str) -> str:
    subject = f'Building "{package}"' if package else "Building a package"
    return f"{subject} for Python {failed.python}" if failed.python else subject


def _error(
    failed: ToolError,
    code: str,
    message: str,
    hint: str,
    lines: tuple[str, ...],
    log_path: Path | None,
    *,
    is_passing: bool = False,
) -> ModuleEnvironmentError:
    error = ModuleEnvironmentError(
        code, message, hint=hint, lines=lines, log_path=log_path, cause=failed
    )
    if is_passing:
        error.retryable = True
    return error


def _groups(match: re.Match[str]) -> Groups:
    """Return what a pattern found; its alternatives number their groups (`package2`)."""
    found: Groups = {}
    for name, value in match.groupdict().items():
        if value is not None:
            found[name.rstrip("0123456789")] = value.strip().rstrip(".;,")
    return found


def _package(pattern: re.Pattern[str], text: str) -> str:
    """Return the name (and version) of the package that a failure is about, if that is said."""
    match = pattern.search(text)
    if match is None:
        return ""
    name: str = next(filter(None, match.groups()))
    name = name.partition(" @ ")[0].partition(" (from ")[0].strip()
    return name.rstrip("/").rpartition("/")[2] if "/" in name else name
