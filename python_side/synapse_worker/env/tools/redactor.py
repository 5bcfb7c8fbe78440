"""Takes secrets out of what tools print before anybody can see, store or send it.

Two nets: what looks like a secret (`env/redaction.py`), and the secrets of this machine, wherever a tool, or
a package's own build script, prints them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..redaction import HIDDEN, redact
from .known_secrets import known_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable


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
            text = self._known.sub(HIDDEN, text)
        return redact(text)
