"""Takes secrets out of text before anybody can see, store or send it.

Two nets. Patterns know what a secret looks like: credentials in URLs, authorization headers, tokens
in assignments. `Redactor` also knows the secrets of this machine, and finds them wherever a tool, or
a package's own build script, prints them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .known_secrets import known_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

_HIDDEN = "***"
# Up to the last @ of a URL's authority: a password may have an @ of its own.
_URL_CREDENTIALS = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/\s?#'\"<>]+@")
# Headers; a scheme such as "Basic" may stand before the secret.
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)"
    r"(?P<scheme>(?:basic|bearer|token|digest)\s+)?[^\s'\",;]+",
    re.IGNORECASE,
)
# NAME_TOKEN=…, "api_key": "…", ?access_token=…&, --password …; what follows up to a separator.
# `token==1.0` is a requirement, and "unexpected token: }" a compiler's complaint.
_ASSIGNMENT = re.compile(
    r"(?P<name>(?:(?:password|passwd|secret|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|(?<=[_-])token)['\"]?(?:\s*=(?!=)\s*|\s*:\s*)"
    r"|token(?:\s*=(?!=)\s*|['\"]\s*:\s*)|[?&](?:sig|x-amz-signature)="
    r"|--[\w-]{0,40}(?:password|token|secret)\s+)['\"]?)[^\s'\"&,;)}\]]{4,}",
    re.IGNORECASE,
)
# A line of ~/.netrc.
_NETRC = re.compile(r"(?P<name>\blogin\s+\S+\s+password\s+)\S+", re.IGNORECASE)
# Terminal colours, cursor moves, window titles, and every other control character but the tab:
# they would confuse a log, and a package must not write to the user's terminal through us.
_TERMINAL_CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def redact(text: str) -> str:
    """Return the text without terminal codes, with what looks like a secret replaced by `***`."""
    text = _TERMINAL_CODES.sub("", text)
    text = _URL_CREDENTIALS.sub(rf"\g<scheme>{_HIDDEN}@", text)
    text = _HEADER.sub(lambda found: f"{found['name']}{found['scheme'] or ''}{_HIDDEN}", text)
    text = _NETRC.sub(rf"\g<name>{_HIDDEN}", text)
    return _ASSIGNMENT.sub(rf"\g<name>{_HIDDEN}", text)


class Redactor:
    """Redacts what looks like a secret, and the secrets that are known."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know more secrets from here on."""
        self._secrets |= {form for secret in secrets for form in (secret, unquote(secret))}
        if self._secrets:
            # The longest first: a secret may begin with another one.
            ordered = sorted(self._secrets, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, ordered)))

    @classmethod
    def of_this_machine(cls) -> Redactor:
        """Return one that knows the secrets in the process environment and the tools' settings."""
        return cls(known_secrets(os.environ))

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by `***`."""
        if self._known is not None:
            text = self._known.sub(_HIDDEN, text)
        return redact(text)
