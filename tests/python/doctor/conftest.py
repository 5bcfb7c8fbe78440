"""Shared pieces: a request that knows no machine but the one it is given."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from synapse_worker.doctor.finding import Finding


@dataclass
class Found:
    """What a check yielded, for short questions."""

    findings: list[Finding]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Found:
        return cls(list(findings))

    @property
    def ids(self) -> list[tuple[str, str]]:
        return [(finding.id, finding.severity) for finding in self.findings]

    def __getitem__(self, code: str) -> Finding:
        return next(finding for finding in self.findings if finding.id == code)


@pytest.fixture
def found() -> Callable[[Iterable[Finding]], Found]:
    return Found.of


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(home / "cache"))
    for name in ("SYNAPSE_PYTHON", "SYNAPSE_RUNTIME_DIR", "SYNAPSE_UV", "SYNAPSE_NODE_FACTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@contextmanager
def answering(
    answer: Callable[[http.server.BaseHTTPRequestHandler], None],
) -> Iterator[str]:
    """Serve every GET on a loopback port by `answer`; yields the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A native module without requirements, alone in a package."""
    (tmp_path / "package.json").write_text("{}")
    folder = tmp_path / "pricing"
    folder.mkdir()
    (folder / "main.py").write_text(
        "from synapse_worker import Module\napp = Module()\n\n"
        "@app.method\ndef quote(symbol: str) -> int:\n    return len(symbol)\n"
    )
    return folder
