"""Knows our own distribution's name: modules import us and list us, but no index has to have us."""

from __future__ import annotations

import re

OWN_NAME = "synapse-worker"
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[.*?\]\s*)?(?:$|[=<>!~;@(]|--hash)")


def required_name(line: str) -> str | None:
    """Return the normalized name a requirement line asks for; a path or an option has none."""
    match = _NAME.match(line)
    return normalized_name(match.group(1)) if match else None


def is_own(line: str) -> bool:
    """Say whether a requirement line asks for us: every environment gets us without asking."""
    return required_name(line) == OWN_NAME


def normalized_name(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
