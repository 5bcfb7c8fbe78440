"""Asks one package index one question, and says what its silence or its answer means.

The request is what pip's and uv's first one would be: the page of a project, with the credentials of
the address or of .netrc, through the proxy that they would take.
"""

from __future__ import annotations

import base64
import netrc
import os
import socket
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from ..env.redaction import redact

if TYPE_CHECKING:
    from email.message import Message
    from http.client import HTTPMessage
    from typing import IO

    from .index_settings import IndexSettings

# Each wait of the connection; the whole question is bounded by the check's deadline.
REQUEST_TIMEOUT_S = 5.0
# A project that every mirror of PyPI has; an index of one's own may well say 404, and has answered.
_PROJECT = "pip"
_MAX_REDIRECTS = 4
# The beginning of a page tells what it is.
_PAGE_BYTES = 16 * 2**10
# What a server says is quoted in a sentence.
_MAX_PHRASE = 160


@dataclass(frozen=True)
class Reply:
    """What came of asking: an HTTP status, or what kept it from coming."""

    status: int | None = None
    # One of: authorities, name, refused, timeout, certificate, tls, proxy, unreachable, unsupported.
    problem: str | None = None
    reason: str = ""
    # Whether what came with a good status can be a list of packages.
    is_index: bool = True
    # The server's clock, in seconds since 1970.
    server_time_s: float | None = None


def ask_index(url: str, settings: IndexSettings) -> Reply:
    """Ask for one page of the index at `url`."""
    if settings.certificates and not os.path.exists(settings.certificates):
        return Reply(problem="authorities", reason=settings.certificates)
    parts = urlsplit(url)
    proxy = proxy_for(url, settings)
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    try:
        request = urllib.request.Request(
            f"{bare.rstrip('/')}/{_PROJECT}/",
            headers={"User-Agent": "synapse-doctor", "Accept": "text/html", "Connection": "close"},
        )
        credentials = _credentials(parts.netloc, parts.hostname or "")
        if credentials is not None:
            # Unredirected: another host must never see it.
            request.add_unredirected_header("Authorization", f"Basic {credentials}")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({parts.scheme: proxy} if proxy else {}),
            urllib.request.HTTPSHandler(context=_tls(settings, parts.hostname or "")),
            _Redirects,
        )
        with opener.open(request, timeout=REQUEST_TIMEOUT_S) as answer:
            is_index = _is_index(answer.headers, answer.read1(_PAGE_BYTES))
            return Reply(answer.status, is_index=is_index, server_time_s=_date(answer.headers))
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return Reply(
            refusal.code, reason=_phrase(refusal.reason), server_time_s=_date(refusal.headers)
        )
    except urllib.error.URLError as problem:
        return _named_problem(problem.reason)
    except (OSError, ValueError) as problem:
        return _named_problem(problem)
    except Exception as problem:  # http.client: what answers is no web server
        return Reply(problem="unreachable", reason=_phrase(f"{type(problem).__name__}: {problem}"))


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MAX_REDIRECTS

    def http_error_308(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> object:
        """Follow 308 as 307: Python 3.10 does not know it."""
        return self.http_error_302(req, fp, 307, msg, headers)


def _credentials(netloc: str, host: str) -> str | None:
    """Return what stands in the address or in .netrc, as HTTP wants it."""
    given = netloc.rpartition("@")[0]
    if given:
        user, _, password = given.partition(":")
        pair = (unquote(user), unquote(password))
    else:
        try:
            known = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
        except (OSError, netrc.NetrcParseError):
            return None
        if known is None:
            return None
        pair = (known[0] or "", known[2] or "")
    return base64.b64encode(f"{pair[0]}:{pair[1]}".encode()).decode()


def proxy_for(url: str, settings: IndexSettings) -> str | None:
    """Return the address of the proxy that pip and uv would take for an index."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    known = urllib.request.getproxies()
    address = settings.proxy or known.get(parts.scheme) or known.get("all")
    return f"http://{address}" if address and "://" not in address else address


def _tls(settings: IndexSettings, host: str) -> ssl.SSLContext:
    if any(trusted.partition(":")[0] == host for trusted in settings.trusted_hosts):
        unchecked = ssl.create_default_context()
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        return unchecked
    context = ssl.create_default_context(cafile=settings.certificates)
    if settings.client_certificate:
        context.load_cert_chain(settings.client_certificate)
    return context


def _named_problem(problem: object) -> Reply:
    text = _phrase(problem)
    match problem:
        case ssl.SSLCertVerificationError():
            return Reply(problem="certificate", reason=_phrase(problem.verify_message or text))
        case ssl.SSLError():
            return Reply(problem="tls", reason=text)
        case socket.gaierror():
            return Reply(problem="name", reason=_phrase(problem.strerror or text))
        case TimeoutError():
            return Reply(problem="timeout", reason=text)
        case ConnectionRefusedError():
            return Reply(problem="refused", reason=text)
        case OSError() if "Tunnel connection failed" in text:
            return Reply(problem="proxy", reason=text.removeprefix("Tunnel connection failed: "))
        case str() if "unknown url type" in text:
            return Reply(problem="unsupported", reason=text)
    return Reply(problem="unreachable", reason=text)


def _phrase(said: object) -> str:
    """Return what a server or a library says as a part of a sentence: one line, and not a long one."""
    text = " ".join(redact(str(said)).split())
    return text if len(text) <= _MAX_PHRASE else f"{text[: _MAX_PHRASE - 1]}…"


def _is_index(headers: Message, begin: bytes) -> bool:
    """Say whether a page can be a project's: one that asks for something, or links to nothing, is a stranger's."""
    if headers.get_content_type() != "text/html" or headers["Content-Encoding"]:
        return True
    page = begin.lower()
    is_whole = headers["Content-Length"] == str(len(begin)) or b"</html>" in page
    return b"<form" not in page and (b"<a" in page or b"pypi:repository" in page or not is_whole)


def _date(headers: Message) -> float | None:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (TypeError, ValueError):
        return None
