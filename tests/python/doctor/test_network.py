"""The index that would be used is asked once; what it answers, or why it does not, is told apart."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from synapse_worker.doctor import index_answer, network
from synapse_worker.doctor.index_answer import ask_index
from synapse_worker.doctor.index_settings import Index, IndexSettings, index_settings
from synapse_worker.doctor.network import examine_network
from synapse_worker.doctor.request import DoctorRequest

from .conftest import answering

if TYPE_CHECKING:
    import http.server
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NETRC",
    ):
        monkeypatch.delenv(name, raising=False)
    # However busy the machine is, what answers is heard.
    for room, bound in ((index_answer, "REQUEST_TIMEOUT_S"), (network, "ANSWER_TIMEOUT_S")):
        monkeypatch.setattr(room, bound, 60.0)


def _status(status: int, **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def _examine(url: str, tmp_path: Path, **environ: str) -> DoctorRequest:
    return DoctorRequest((tmp_path,), environ={"HOME": "/none", "PIP_INDEX_URL": url, **environ})


@pytest.mark.parametrize(
    ("status", "severity", "said"),
    [
        (200, "ok", "answers"),
        (404, "ok", "answers"),
        (401, "error", "credentials"),
        (403, "error", "credentials"),
        (500, "error", "status 500"),
        (503, "error", "status 503"),
    ],
)
def test_an_index_is_judged_by_its_status(
    found: Callable, tmp_path: Path, status: int, severity: str, said: str
) -> None:
    with answering(_status(status)) as url:
        seen = found(examine_network(_examine(url, tmp_path)))
    assert seen.ids == [("network.index", severity)]
    assert said in seen["network.index"].message


def test_an_index_that_takes_the_question_and_never_answers_is_given_up(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_answer, "REQUEST_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/simple"
        seen = found(examine_network(_examine(url, tmp_path)))
    assert seen["network.index"].details["problem"] == "timeout"
    assert seen["network.index"].severity == "error"


def test_a_name_server_that_never_answers_keeps_nobody_waiting(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_options: release.wait())
    monkeypatch.setattr(network, "ANSWER_TIMEOUT_S", 0.1)
    seen = found(examine_network(_examine("http://index.invalid/simple", tmp_path)))
    waiting = [one for one in threading.enumerate() if one.name == "synapse-doctor-index"]
    release.set()
    assert seen["network.index"].details["problem"] == "timeout"
    assert [one.daemon for one in waiting] == [True]


def test_a_proxy_for_everything_is_taken_and_one_of_another_kind_is_left_alone(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    seen = found(examine_network(_examine("http://index.invalid/simple", tmp_path)))
    assert seen.ids == [("network.index", "info")]
    with answering(_status(200)) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.removesuffix("/simple"))
        seen = found(examine_network(_examine("http://index.invalid/simple", tmp_path)))
    assert seen.ids == [("network.index", "ok")]


def test_a_port_where_nothing_listens_refuses(found: Callable, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/simple"
    seen = found(examine_network(_examine(url, tmp_path)))
    assert seen["network.index"].details["problem"] == "refused"


def test_a_name_that_does_not_exist_is_said_to_be_unknown(found: Callable, tmp_path: Path) -> None:
    seen = found(examine_network(_examine("http://no-such.invalid/simple", tmp_path)))
    assert seen["network.index"].details["problem"] == "name"


def _page(text: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


@pytest.mark.parametrize(
    ("page", "severity"),
    [
        ("Login please", "warning"),
        ('<html><a href="/help">Help</a><form action="/login"></form></html>', "warning"),
        ('<!DOCTYPE html><body><a href="pip-1.0.whl">pip-1.0.whl</a></body>', "ok"),
        ('<meta name="pypi:repository-version" content="1.0"><title>pip</title>', "ok"),
    ],
)
def test_a_page_that_lists_no_packages_is_no_index(
    found: Callable, tmp_path: Path, page: str, severity: str
) -> None:
    with answering(_page(page)) as url:
        seen = found(examine_network(_examine(url, tmp_path)))
    assert seen.ids == [("network.index", severity)]


def test_what_a_server_says_is_told_in_one_line_and_not_at_length(
    found: Callable, tmp_path: Path
) -> None:
    def loop(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/simple/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def wordy(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(503, "Busy " * 2000)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def garbage(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"\x00\xff" * 5000)
        handler.close_connection = True

    for answer in (loop, wordy, garbage):
        with answering(answer) as url:
            message = found(examine_network(_examine(url, tmp_path)))["network.index"].message
        assert "\n" not in message
        assert len(message) < 400


def test_what_answers_without_speaking_http_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1024)
                peer.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        reply = ask_index(f"http://127.0.0.1:{server.getsockname()[1]}/", IndexSettings(()))
        thread.join()
    assert reply.problem == "unreachable"


def test_credentials_reach_the_index_and_nothing_that_is_shown(
    found: Callable, tmp_path: Path
) -> None:
    seen_headers: list[str | None] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        seen_headers.append(handler.headers["Authorization"])
        _status(401)(handler)

    with answering(answer) as url:
        address = url.replace("http://", "http://me:s3cr%40t@")
        seen = found(examine_network(_examine(address, tmp_path)))
    assert seen_headers == ["Basic " + base64.b64encode(b"me:s3cr@t").decode()]
    assert "s3cr" not in repr(seen)
    assert "***@" in seen["network.index"].message


def test_credentials_of_netrc_are_used_as_pip_and_uv_use_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me password s3cret\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    got: list[str | None] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        got.append(handler.headers["Authorization"])
        _status(200)(handler)

    with answering(answer) as url:
        assert ask_index(url, IndexSettings(())).status == 200
    assert got == ["Basic " + base64.b64encode(b"me:s3cret").decode()]


def test_a_redirect_to_another_host_gets_no_credentials() -> None:
    got: list[str | None] = []

    def second(handler: http.server.BaseHTTPRequestHandler) -> None:
        got.append(handler.headers["Authorization"])
        _status(200)(handler)

    with answering(second) as other, answering(_status(308, Location=other)) as url:
        reply = ask_index(url.replace("http://", "http://me:s3cret@"), IndexSettings(()))
    assert (reply.status, got) == (200, [None])


def test_a_proxy_is_used_named_and_told_apart_from_the_index(
    found: Callable, tmp_path: Path
) -> None:
    with answering(_status(407)) as proxy:
        address = proxy.removesuffix("/simple").replace("http://", "http://me:s3cret@")
        request = _examine("http://index.invalid/simple", tmp_path, PIP_PROXY=address)
        seen = found(examine_network(request))
    assert "status 407" in seen["network.index"].message
    assert "through the proxy http://***@127.0.0.1" in seen["network.index"].message
    assert "s3cret" not in repr(seen)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    key = path.with_name("key.pem")
    subprocess.run([*command, "-keyout", key, "-out", path], check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[str]:
    import http.server

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _status(200)(self)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_is_not_trusted_is_said_to_be_that(
    found: Callable, tmp_path: Path, tls_server: str, certificate: Path
) -> None:
    seen = found(examine_network(_examine(tls_server, tmp_path)))
    assert seen["network.index"].details["problem"] == "certificate"
    assert "self" in seen["network.index"].message
    assert "PIP_CERT" in seen["network.index"].fix
    trusting = _examine(tls_server, tmp_path, PIP_CERT=str(certificate))
    assert found(examine_network(trusting)).ids == [("network.index", "ok")]
    blind = _examine(tls_server, tmp_path, PIP_TRUSTED_HOST="127.0.0.1")
    assert found(examine_network(blind)).ids == [("network.index", "ok")]
    lost = _examine(tls_server, tmp_path, PIP_CERT="/no/such.pem")
    assert found(examine_network(lost))["network.index"].details["problem"] == "authorities"


def test_a_clock_far_from_that_of_the_index_is_a_warning(found: Callable, tmp_path: Path) -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response_only(200)
        handler.send_header("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with answering(answer) as url:
        seen = found(examine_network(_examine(url, tmp_path)))
    assert seen.ids == [("network.index", "ok"), ("network.clock", "warning")]


def test_offline_nothing_is_asked(found: Callable, tmp_path: Path) -> None:
    seen = found(examine_network(DoctorRequest((tmp_path,), offline=True, environ={})))
    assert seen.ids == [("network.skipped", "info")]


def test_a_folder_as_an_index_must_be_there(found: Callable, tmp_path: Path) -> None:
    request = _examine(
        f"file://{tmp_path}/gone", tmp_path, PIP_EXTRA_INDEX_URL=f"file://{tmp_path}"
    )
    assert found(examine_network(request)).ids == [
        ("network.index", "error"),
        ("network.index", "ok"),
    ]


def test_no_index_means_no_question(found: Callable, tmp_path: Path) -> None:
    request = DoctorRequest((tmp_path,), environ={"HOME": "/none", "PIP_NO_INDEX": "1"})
    assert found(examine_network(request)).ids == [("network.no-index", "info")]


@pytest.mark.parametrize(
    ("environ", "options", "uses_uv", "expected"),
    [
        ({}, (), False, ["https://pypi.org/simple"]),
        ({"PIP_INDEX_URL": "http://a"}, (), False, ["http://a"]),
        ({"PIP_INDEX_URL": "http://a"}, (), True, ["http://a"]),
        ({"PIP_INDEX_URL": "http://a", "UV_DEFAULT_INDEX": "http://b"}, (), True, ["http://b"]),
        ({"PIP_INDEX_URL": "http://a", "UV_DEFAULT_INDEX": "http://b"}, (), False, ["http://a"]),
        ({"PIP_INDEX_URL": "http://a"}, ("--index-url http://c",), False, ["http://c"]),
        (
            {"PIP_INDEX_URL": "http://a"},
            ("--extra-index-url http://c",),
            False,
            ["http://c", "http://a"],
        ),
        ({"UV_INDEX": "x=http://b"}, (), True, ["https://pypi.org/simple", "http://b"]),
        (
            {
                "UV_DEFAULT_INDEX": "my-own=http://b",
                "UV_INDEX_MY_OWN_USERNAME": "u",
                "UV_INDEX_MY_OWN_PASSWORD": "p",
            },
            (),
            True,
            ["http://u:p@b"],
        ),
        # The one backend asks what only the other's settings name.
        ({"UV_DEFAULT_INDEX": "http://b"}, (), False, ["http://b"]),
        (
            {
                "UV_INDEX": "my-co=http://b",
                "UV_INDEX_MY_CO_USERNAME": "u",
                "UV_INDEX_MY_CO_PASSWORD": "p@s/s",
            },
            (),
            False,
            ["https://pypi.org/simple", "http://u:p%40s%2Fs@b"],
        ),
    ],
)
def test_the_index_is_the_one_that_the_tool_would_take(
    tmp_path: Path,
    environ: dict[str, str],
    options: tuple[str, ...],
    uses_uv: bool,
    expected: list[str],
) -> None:
    settings = index_settings({"HOME": "/none", **environ}, tmp_path, options, uses_uv=uses_uv)
    assert [index.url for index in settings.indexes] == expected


def test_indexes_of_uv_s_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.uv.index]]\nname = "own"\nurl = "http://own/simple"\ndefault = true\n'
        '[[tool.uv.index]]\nname = "more"\nurl = "http://more/simple"\n'
    )
    settings = index_settings({"HOME": "/none"}, tmp_path, (), uses_uv=True)
    origin = str(tmp_path / "pyproject.toml")
    assert settings.indexes == (
        Index("http://own/simple", origin, is_default=True),
        Index("http://more/simple", origin),
    )


def test_uv_s_files_without_an_index_leave_pip_s_settings_in_force(tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text("native-tls = true\n")
    environ = {"HOME": "/none", "PIP_INDEX_URL": "http://a", "PIP_EXTRA_INDEX_URL": "http://b"}
    assert index_settings(environ, tmp_path, (), uses_uv=True).indexes == (
        Index("http://a", "pip's settings", is_default=True),
        Index("http://b", "pip's extra-index-url"),
    )
