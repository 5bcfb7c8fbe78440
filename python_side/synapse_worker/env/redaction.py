"""Takes out of a text what looks like a secret: credentials in URLs, authorization headers, tokens in assignments.

Patterns alone, for whoever says or stores something. What a tool prints is taken care of in `tools`, which
also knows the secrets of this machine.
"""

from __future__ import annotations

import re

HIDDEN = "***"
# Up to the last @ of a URL's authority: a password may have an @ of its own. Or, where its `/`, `?` or `#` was not
# escaped, up to the first @ behind it; what stands behind the colon of a host is a number.
USER_OF_URL = r"(?:[^/\s?#'\"<>]+|[^/\s?#'\"<>:]+:(?!\d+(?:[/?#]|$))[^\s'\"<>@]{1,256})"
_URL_CREDENTIALS = re.compile(rf"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{{0,20}}://){USER_OF_URL}@")
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
    text = _URL_CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _HEADER.sub(lambda found: f"{found['name']}{found['scheme'] or ''}{HIDDEN}", text)
    text = _NETRC.sub(rf"\g<name>{HIDDEN}", text)
    return _ASSIGNMENT.sub(rf"\g<name>{HIDDEN}", text)
