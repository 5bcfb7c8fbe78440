"""Reads what a failed tool said and names the failure.

pip, pip-tools and uv have no machine-readable errors, so this is a table of the sentences they
print. The first matching row wins; network trouble stands first because pip goes on to claim that
a package it could not ask for does not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import (
    BUILD_FAILED,
    ENVIRONMENT_UNWRITABLE,
    NETWORK_UNAVAILABLE,
    PACKAGE_NOT_FOUND,
    REQUIREMENTS_INVALID,
    ModuleEnvironmentError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .toolrun import ToolError


@dataclass(frozen=True)
class Symptom:
    """A sentence tools print, the code it stands for, our sentence and the advice."""

    pattern: re.Pattern[str]
    code: str
    message: str
    hint: str


def _symptom(pattern: str, code: str, message: str, hint: str) -> Symptom:
    return Symptom(re.compile(pattern, re.IGNORECASE), code, message, hint)


_SYMPTOMS = (
    _symptom(
        r"must not contain the path separator|because it contains the PATH separator",
        BUILD_FAILED,
        "The module's path has a colon in it, and there no virtual environment can be made.",
        "Move or rename the folder, so that its path has no colon. (A colon separates the folders of PATH.)",
    ),
    _symptom(
        r"no space left on device|read-only file system|permission denied \(os error 13\)"
        r"|\[errno 13\] permission denied",
        ENVIRONMENT_UNWRITABLE,
        "The environment cannot be written.",
        "Free some space or make the module's folder and the cache folder writable, then retry.",
    ),
    _symptom(
        r"NewConnectionError|Failed to establish a new connection|Temporary failure in name "
        r"resolution|Name or service not known|nodename nor servname|Network is unreachable"
        r"|error sending request for url|dns error|client error \(Connect\)|ConnectTimeout"
        r"|Read timed out|operation timed out|ProxyError|Network connectivity is disabled"
        r"|network was disabled|connection (refused|reset)",
        NETWORK_UNAVAILABLE,
        "The package index cannot be reached.",
        "Check the network, the proxy (HTTPS_PROXY) and the index settings (pip.conf, PIP_INDEX_URL, "
        "UV_DEFAULT_INDEX), then retry; what has been downloaded is kept.",
    ),
    _symptom(
        r"ResolutionImpossible: for help|conflicting dependencies|depends? on .+ we can conclude that"
        r"|Because you require \S+ and (?:you require )?\S+,? we can conclude"
        r"|Double requirement given",
        REQUIREMENTS_INVALID,
        "The requirements contradict each other.",
        "Loosen one of the versions named in the lines below.",
    ),
    _symptom(
        r"Because (?P<name>[\w.\-\[\]]+) was not found in the (?:package registry|provided)"
        r"|Because there (?:is|are) no versions? of (?P<name2>[^\s,]+)"
        r"|No matching distribution found for (?P<name3>[^\s,]+)"
        r"|Could not find a version that satisfies the requirement (?P<name4>[^\s,]+)"
        r"|Because (?:only )?.*(?P<name5>[\w.\-]+).* no wheels with a matching",
        PACKAGE_NOT_FOUND,
        'The index has no package "{name}" for this interpreter.',
        "Check the spelling and the version in the requirements, or the index they come from.",
    ),
    _symptom(
        r"Invalid requirement|Couldn't parse requirement|Expected package name|Unsupported requirement"
        r"|Could not open requirements file|no such option|requirements? file not found"
        r"|invalid specifier|all requirements must have their versions pinned|THESE PACKAGES DO NOT MATCH"
        r"|Hash mismatch for|Expected (?:one of|end of input|semicolon)",
        REQUIREMENTS_INVALID,
        "The requirements cannot be used as they are written.",
        "Correct the requirement named in the lines below.",
    ),
)


# What a caller is shown of a failed tool's output.
_SHOWN_LINES = 40
_BETWEEN_TRACEBACKS = ("During handling of the above", "The above exception was the direct")


def diagnose(failed: ToolError, *, log_path: Path | None = None) -> ModuleEnvironmentError:
    """Return the error a caller sees for a tool that failed."""
    lines = _readable(failed.lines)
    if failed.status < 0:
        return _killed(failed, lines, log_path)
    text = "\n".join(lines)
    for symptom in _SYMPTOMS:
        match = symptom.pattern.search(text)
        if match:
            name = next((group for group in match.groups() if group), "?")
            return ModuleEnvironmentError(
                symptom.code,
                symptom.message.format(name=name.rstrip(".;")),
                hint=symptom.hint,
                lines=lines,
                log_path=log_path,
                cause=failed,
            )
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f"{failed.title} failed (status {failed.status}).",
        hint="Read the tool's lines below; often a system library or a compiler is missing.",
        lines=lines,
        log_path=log_path,
        cause=failed,
    )


def _killed(
    failed: ToolError, lines: tuple[str, ...], log_path: Path | None
) -> ModuleEnvironmentError:
    """Describe a tool that did not end by itself: the same build may well succeed next time."""
    error = ModuleEnvironmentError(
        BUILD_FAILED,
        f"{failed.title} was killed by signal {-failed.status}.",
        hint="Memory that ran out is the usual reason: give the build more of it, or run less beside "
        "it, then retry.",
        lines=lines,
        log_path=log_path,
        cause=failed,
    )
    error.retryable = True
    return error


def _readable(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last lines, of a Python traceback only what it ends in (pip-compile dies so)."""
    kept: list[str] = []
    ending: str | None = None
    in_traceback = False
    for line in lines:
        if line.startswith("Traceback (most recent call last)"):
            in_traceback = True
        elif in_traceback and not line.startswith(" "):
            in_traceback, ending = False, line
        elif not in_traceback and not line.startswith(_BETWEEN_TRACEBACKS):
            kept.append(line)
    return (*kept, *([ending] if ending else []))[-_SHOWN_LINES:] or lines
