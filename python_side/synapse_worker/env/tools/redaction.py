"""Takes credentials out of text before anybody can see, store or send it."""

from __future__ import annotations

import re

# user:password@ or token@ in any URL, as pip and uv print index addresses.
_URL_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s@'\"]+@")
# Terminal colours and cursor moves, which would only confuse a log.
_TERMINAL_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def redact(text: str) -> str:
    """Return the text with URL credentials replaced by `***` and terminal codes removed."""
    return _URL_CREDENTIALS.sub(r"\g<scheme>***@", _TERMINAL_CODES.sub("", text))
