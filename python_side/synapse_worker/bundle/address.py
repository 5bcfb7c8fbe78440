"""Tells an address that holds a password from one that only looks like it. Pure text.

No password is what a variable stands for (`https://me:${TOKEN}@host`), nor a user alone (`git@`,
`postgres@`), unless that one is long and random, as the tokens of forges and indexes are.
"""

from __future__ import annotations

import re

from synapse_worker.env.redaction import redact

_ADDRESS = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://(?:(?P<user>[^/\s?#'\"<>]*)@)?(?P<rest>[^\s'\"<>]*)"
)
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
# Longer than the users that keyrings ask for (`oauth2accesstoken`), no longer than the shortest token.
_TOKEN = re.compile(r"(?=.*[0-9]).{20,}")


def holds_password(line: str) -> bool:
    """Say whether one of the addresses in a line lets in whoever reads it."""
    return any(_lets_in(address) for address in _ADDRESS.finditer(_VARIABLE.sub("", line)))


def _lets_in(address: re.Match[str]) -> bool:
    user, _, password = (address["user"] or "").partition(":")
    is_signed = redact(address["rest"]) != address["rest"]
    return bool(password) or _TOKEN.fullmatch(user) is not None or is_signed
