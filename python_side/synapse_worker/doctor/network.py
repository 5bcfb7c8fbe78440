"""Do the package indexes that pip and uv would really use answer?"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..env.backends.uv import find_uv
from ..env.redaction import redact
from .asked_for import readable_requirements
from .finding import error, info, ok, warning
from .index_answer import REQUEST_TIMEOUT_S, Reply, ask_index, proxy_for
from .index_settings import Index, IndexSettings, index_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .finding import Finding, Findings
    from .request import DoctorRequest

_OK = range(200, 300)
# Name server, connection, TLS and answer, each within its own time: all of them together.
ANSWER_TIMEOUT_S = 6.5
# Certificates and signed addresses forgive no more.
_MAX_SKEW_S = 300.0


def examine_network(request: DoctorRequest) -> Findings:
    """Ask every index once that a build of one of the modules would ask."""
    if request.offline:
        yield info("network.skipped", "No package index was asked (--offline).")
        return
    uses_uv = find_uv() is not None
    asked: dict[str, tuple[Index, IndexSettings]] = {}
    for directory in request.directories or (Path.cwd(),):
        asked_for = readable_requirements(directory)
        settings = index_settings(
            request.environ,
            Path(os.path.realpath(directory)),
            asked_for.options if asked_for else (),
            uses_uv=uses_uv,
        )
        if settings.no_index:
            yield info(
                "network.no-index",
                f'The settings of "{directory}" say no-index: packages come from folders only.',
            )
            continue
        for index in settings.indexes:
            asked.setdefault(index.url, (index, settings))
    replies = _ask_all(asked)
    for url, (index, settings) in asked.items():
        yield from _examine_index(index, settings, replies.get(url) or Reply(problem="timeout"))


def _ask_all(asked: Mapping[str, tuple[Index, IndexSettings]]) -> dict[str, Reply]:
    """Ask all at once, and return the replies that came in time.

    In daemon threads: one that waits for a name server cannot be stopped, and must not be waited for
    when the process ends, as an executor's would be.
    """
    replies: dict[str, Reply] = {}
    threads = []
    for url, (_, settings) in asked.items():
        if urlsplit(url).scheme in {"", "file"}:
            continue

        def ask(url: str = url, settings: IndexSettings = settings) -> None:
            replies[url] = ask_index(url, settings)

        threads.append(threading.Thread(target=ask, name="synapse-doctor-index", daemon=True))
        threads[-1].start()
    give_up_at = time.monotonic() + ANSWER_TIMEOUT_S
    for thread in threads:
        thread.join(max(0.0, give_up_at - time.monotonic()))
    return dict(replies)


def _examine_index(index: Index, settings: IndexSettings, reply: Reply) -> list[Finding]:
    shown = redact(index.url)
    where = f"{shown} ({index.origin})"
    parts = urlsplit(index.url)
    if parts.scheme in {"", "file"}:
        folder = Path(unquote(parts.path))
        if os.path.isdir(folder):
            return [ok("network.index", f"The package index {where} is a folder.", url=shown)]
        return [
            error(
                "network.index",
                f"The package index {where} is a folder that does not exist.",
                "Create it, or take it out of the settings: pip config list",
                url=shown,
            )
        ]
    address = proxy_for(index.url, settings)
    proxy = redact(address) if address else None
    found = [_verdict(where, shown, parts.hostname or "", proxy, reply)]
    skew = reply.server_time_s and abs(reply.server_time_s - time.time())
    if skew and skew > _MAX_SKEW_S:
        found.append(
            warning(
                "network.clock",
                f"The clock here and that of {parts.hostname} differ by {skew:.0f} s.",
                "sudo timedatectl set-ntp true",
                seconds=round(skew),
            )
        )
    return found


def _verdict(where: str, shown: str, host: str, proxy: str | None, reply: Reply) -> Finding:
    through = f" through the proxy {proxy}" if proxy else ""
    details: dict[str, object] = {"url": shown, "proxy": proxy}
    if reply.status is not None:
        details["status"] = reply.status
        if reply.status in _OK and not reply.is_index:
            return warning(
                "network.index",
                f"The package index {where} answers{through} with a page that is no list of packages.",
                "Open a browser: the network may want a login first. Or check the address: pip config list",
                **details,
            )
        if reply.status in _OK or reply.status == 404:
            return ok("network.index", f"The package index {where} answers{through}.", **details)
        sentence, fix = _refused(reply, host)
        return error(
            "network.index", f"The package index {where} {sentence}{through}.", fix, **details
        )
    sentence, fix = _silent(reply, host, proxy)
    details["problem"] = reply.problem
    kind = info if reply.problem == "unsupported" else error
    return kind("network.index", f"The package index {where} {sentence}{through}.", fix, **details)


def _refused(reply: Reply, host: str) -> tuple[str, str]:
    """Say what an HTTP status means for who wants to install packages."""
    match reply.status:
        case 401 | 403:
            return (
                f"refuses the credentials it gets, or wants some (status {reply.status})",
                f"Put them into ~/.netrc: machine {host} login USER password TOKEN",
            )
        case 407:
            return (
                "cannot be asked: the proxy wants credentials (status 407)",
                "export HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT",
            )
    return (
        f"answers with status {reply.status} {reply.reason}".rstrip(),
        f"Try again later, or ask who runs {host}.",
    )


def _silent(reply: Reply, host: str, proxy: str | None) -> tuple[str, str]:
    """Say what stands between here and an index that gave no answer."""
    match reply.problem:
        case "name":
            return (
                f'cannot be reached: the name "{proxy or host}" is not known ({reply.reason})',
                "Check the network and the spelling: pip config list",
            )
        case "timeout":
            return (
                f"does not answer within {REQUEST_TIMEOUT_S:.0f} s",
                "Check the network, or set the proxy that it needs: export HTTPS_PROXY=http://PROXY:PORT",
            )
        case "refused":
            return (
                "refuses the connection: nothing listens there",
                "Check the address and the port: pip config list",
            )
        case "certificate":
            return (
                f"has a certificate that is not trusted here ({reply.reason})",
                "export SSL_CERT_FILE=/path/to/your-company-ca.pem PIP_CERT=/path/to/your-company-ca.pem",
            )
        case "authorities":
            return (
                f'was not asked: the file of certificates "{reply.reason}" does not exist',
                "unset PIP_CERT SSL_CERT_FILE REQUESTS_CA_BUNDLE, or name a file that exists: pip config list",
            )
        case "tls":
            return (
                f"does not speak TLS as expected ({reply.reason})",
                "Check that the address begins with https:// and that the proxy is no HTTPS one.",
            )
        case "proxy":
            return (
                f"cannot be asked: the proxy refuses to pass on ({reply.reason})",
                "Check the variables that name it: env | grep -i proxy",
            )
        case "unsupported":
            return ("was not asked: its address or its proxy is of a kind unknown here", "")
    return (
        f"cannot be reached ({reply.reason})",
        "Check the network and the proxy: env | grep -i proxy",
    )
