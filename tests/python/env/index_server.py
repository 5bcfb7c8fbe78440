"""A package index on the loopback interface: PEP 503 and PEP 691, over a folder of wheels and sdists.

It asks for a name and a password, has yanked files, tells lies about hashes, and writes down what it
was asked. Each knob may be turned while it runs.

    with index_server(wheels, users={"ada": "secret"}) as index:
        index.yank("tinyone-2.0-py3-none-any.whl", "broken")
        build(index.url_for("ada"))
        assert index.asked("/simple/tinyone/") == 1
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import re
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "text/html; charset=utf-8"
_FILES = (".whl", ".tar.gz", ".zip")


@dataclass
class IndexServer:
    """One running index."""

    folder: Path
    users: dict[str, str]
    port: int = 0
    # Every GET as "STATUS PATH", in the order of their answers.
    requests: list[str] = field(default_factory=list)
    # File name → reason.
    yanked: dict[str, str] = field(default_factory=dict)
    # File name → the sha256 that the index claims instead of the true one.
    claimed: dict[str, str] = field(default_factory=dict)
    # Called with the path of each request before it is answered; may keep it waiting.
    on_request: Callable[[str], None] = lambda _path: None

    @property
    def url(self) -> str:
        """Address of the index, without credentials."""
        return f"http://127.0.0.1:{self.port}/simple"

    def url_for(self, user: str) -> str:
        """Address of the index with a user's credentials in it."""
        password = quote(self.users[user], safe="")
        return f"http://{quote(user, safe='')}:{password}@127.0.0.1:{self.port}/simple"

    def yank(self, filename: str, reason: str = "yanked") -> None:
        """Mark a file as yanked: only an exact pin may still choose it."""
        self.yanked[filename] = reason

    def asked(self, part: str) -> int:
        """Count the answered requests (200) whose path holds `part`."""
        return sum(line.startswith("200 ") and part in line for line in self.requests)


@contextlib.contextmanager
def index_server(folder: Path, users: dict[str, str] | None = None) -> Iterator[IndexServer]:
    """Serve the wheels and sdists of a folder until the block ends; with `users`, to them alone."""
    index = IndexServer(folder, users or {})
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.index = index
        index.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    index: IndexServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self._index.on_request(path)
        if not self._is_allowed():
            self._answer(HTTPStatus.UNAUTHORIZED, b"who are you?", "text/plain")
        elif path.startswith("/files/"):
            self._send_file(path.removeprefix("/files/"))
        elif path.startswith("/simple/"):
            self._send_project(path.removeprefix("/simple/").strip("/"))
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"nothing here", "text/plain")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: what was asked stands in `requests`."""

    @property
    def _index(self) -> IndexServer:
        return cast("_Server", self.server).index

    def _is_allowed(self) -> bool:
        users = self._index.users
        if not users:
            return True
        known = {base64.b64encode(f"{u}:{p}".encode()).decode() for u, p in users.items()}
        return self.headers.get("Authorization", "").removeprefix("Basic ") in known

    def _send_file(self, name: str) -> None:
        path = self._index.folder / name
        if "/" in name or not path.is_file():
            self._answer(HTTPStatus.NOT_FOUND, b"no such file", "text/plain")
        else:
            self._answer(HTTPStatus.OK, path.read_bytes(), "application/octet-stream")

    def _send_project(self, name: str) -> None:
        files = [
            path
            for path in sorted(self._index.folder.iterdir())
            if path.name.endswith(_FILES) and _project(path.name) == _normalized(name)
        ]
        if not files:
            self._answer(HTTPStatus.NOT_FOUND, b"no such project", "text/plain")
        elif _JSON in self.headers.get("Accept", ""):
            self._answer(HTTPStatus.OK, self._json(name, files), _JSON)
        else:
            self._answer(HTTPStatus.OK, self._html(files), _HTML)

    def _json(self, name: str, files: list[Path]) -> bytes:
        entries = [
            {
                "filename": path.name,
                "url": f"/files/{quote(path.name)}",
                "hashes": {"sha256": self._sha256(path)},
                "yanked": self._index.yanked.get(path.name, False),
                "size": path.stat().st_size,
            }
            for path in files
        ]
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": entries}
        return json.dumps(page).encode()

    def _html(self, files: list[Path]) -> bytes:
        links = []
        for path in files:
            reason = self._index.yanked.get(path.name)
            mark = "" if reason is None else f' data-yanked="{html.escape(reason)}"'
            href = f"/files/{quote(path.name)}#sha256={self._sha256(path)}"
            links.append(f'<a href="{href}"{mark}>{path.name}</a><br>')
        return "\n".join(["<!DOCTYPE html><html><body>", *links, "</body></html>"]).encode()

    def _sha256(self, path: Path) -> str:
        true = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._index.claimed.get(path.name, true)

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=0")
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
        self.end_headers()
        # Written down before the last byte leaves: who has the answer finds it counted.
        if self.command == "GET":
            self._index.requests.append(f"{status.value} {unquote(self.path)}")
        if self.command == "HEAD":
            return
        with contextlib.suppress(OSError):  # a client that was killed has no use for the rest
            self.wfile.write(body)


def _project(filename: str) -> str:
    """Return the normalized project name of a wheel or sdist."""
    if filename.endswith(".whl"):
        return _normalized(filename.partition("-")[0])
    return _normalized(
        re.sub(r"-[^-]+$", "", filename.removesuffix(".zip").removesuffix(".tar.gz"))
    )


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
