"""Knows our own distribution's name: modules import us and list us, but no index has to have us."""

from __future__ import annotations

import re

OWN_NAME = "synapse-worker"
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[.*?\]\s*)?(?:$|[=<>!~;@(]|--)")

_EXTRAS = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*\s*\[([^\]]*)\]")


def required_name(line: str) -> str | None:
    """Return the normalized name a requirement line asks for; a path or an option has none."""
    match = _NAME.match(line)
    return normalized_name(match.group(1)) if match else None


def extras_of(line: str) -> list[str]:
    """Return the extras that a requirement line asks for (`name[one, two]`)."""
    match = _EXTRAS.match(line)
    return [] if match is None else [name.strip() for name in match.group(1).split(",") if name]


def is_own(line: str) -> bool:
    """Say whether a requirement line asks for us: every environment gets us without asking."""
    return required_name(line) == OWN_NAME


def normalized_name(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
