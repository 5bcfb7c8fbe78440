"""Failures as a user makes them, end to end: real compilers, real indexes on the loopback, both backends."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import virtualenv.seed.wheels.embed

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment

from ..conftest import write_wheel
from ..index_server import index_server

if TYPE_CHECKING:
    from collections.abc import Callable

    Fail = Callable[..., ModuleEnvironmentError]

SETUPTOOLS = Path(virtualenv.seed.wheels.embed.__file__).parent
BOTH = ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)]
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")

MODULE = """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "ext", 0, -1, 0};
PyMODINIT_FUNC PyInit_ext(void) { return PyModule_Create(&module); }
"""


@pytest.fixture(autouse=True)
def _plain_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this machine's index nor its certificates: only what a test serves."""
    certificates = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    names = [name for name in os.environ if name.startswith(("PIP_", "UV_"))]
    for name in (*names, *certificates):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    for name in ("PIP_RETRIES", "UV_HTTP_RETRIES"):
        monkeypatch.setenv(name, "0")


@pytest.fixture
def fail(tmp_path: Path, runtime_folder: Path) -> Fail:
    """Return a function that builds a module which cannot be built, and returns why."""

    def build(*lines: str, backend: str = "uv", index: str | None = None) -> ModuleEnvironmentError:
        directory = tmp_path / "module"
        directory.mkdir(exist_ok=True)
        source = f"--index-url {index}" if index else f"--no-index\n--find-links {SETUPTOOLS}"
        (directory / "requirements.txt").write_text("\n".join((source, *lines)) + "\n")
        request = EnvironmentRequest(
            directory,
            backend=backend,  # type: ignore[arg-type]
            dialect="raw",
            runtime_folder=runtime_folder,
        )
        with pytest.raises(ModuleEnvironmentError) as caught:
            sync_environment(request)
        assert caught.value.hint
        return caught.value

    return build


@pytest.fixture
def sdist(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a package with a C extension beside the module."""

    def write(source: str = MODULE, *, setup: str = "", project: str = "", extra: str = "") -> str:
        folder = tmp_path / "module" / "native"
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
            f'[project]\nname = "native"\nversion = "1.0"\n{project}'
        )
        (folder / "ext.c").write_text(source)
        (folder / "setup.py").write_text(
            setup
            or "from setuptools import Extension, setup\n"
            f"setup(ext_modules=[Extension('ext', ['ext.c'], {extra})])\n"
        )
        return "./native"

    return write


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a shell and nothing to compile with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "uname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def here() -> str:
    return platform.python_version()


@needs_gcc
@pytest.mark.parametrize("backend", BOTH)
def test_no_compiler(fail: Fail, sdist: Callable[..., str], bare_path: Path, backend: str) -> None:
    failure = fail(sdist(), backend=backend)
    assert failure.message == (
        f'Building "native" for Python {here()} failed: there is no C compiler on this machine.'
    )
    assert "apt install build-essential" in failure.hint
    assert any("gcc" in line for line in failure.lines)
    # The log has all of it, and is the last thing that is said.
    assert failure.log_path is not None
    assert "building 'ext' extension" in failure.log_path.read_text()


@needs_gcc
@pytest.mark.parametrize(
    ("source", "said", "advised"),
    [
        (
            "#include <nothere.h>\n",
            'the header "nothere.h" is missing',
            "apt-file search nothere.h",
        ),
        ("#include <libpq-fe-absent.h>\n", 'the header "libpq-fe-absent.h" is missing', "or use a"),
        ("int f( { return 1; }\n", "its source does not compile", "newer version"),
    ],
)
def test_what_a_compiler_says(
    fail: Fail, sdist: Callable[..., str], source: str, said: str, advised: str
) -> None:
    failure = fail(sdist(source))
    assert failure.message.endswith(
        f"failed: {said} on this machine." if "miss" in said else f"{said}."
    )
    assert advised in failure.hint
    assert any(line.startswith("ext.c:1:") for line in failure.lines)


@needs_gcc
def test_a_missing_library(fail: Fail, sdist: Callable[..., str]) -> None:
    failure = fail(sdist(extra="libraries=['nothere']"))
    assert 'the library "nothere" is missing on this machine' in failure.message
    assert "libnothere-dev" in failure.hint


@pytest.mark.parametrize(
    ("compiler", "said"),
    [
        ("kill -9 $$", "its compiler was killed"),
        ("echo 'gcc: fatal error: Killed signal terminated program cc1' >&2; exit 1", "was killed"),
    ],
)
def test_a_killed_compiler_may_be_tried_again(
    fail: Fail,
    sdist: Callable[..., str],
    bare_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    compiler: str,
    said: str,
) -> None:
    script = bare_path / "gcc"
    script.write_text(f"#!/bin/sh\n{compiler}\n")
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    failure = fail(sdist())
    assert said in failure.message
    assert failure.retryable


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ("import numpy_that_is_not_there", 'its build imports "numpy_that_is_not_there"'),
        ("import subprocess; subprocess.run(['cmake'])", 'the program "cmake" is missing'),
        ("raise SystemExit('Error: pg_config executable not found.')", 'the program "pg_config"'),
        ("raise SystemExit('error: can\\'t find Rust compiler')", "there is no Rust compiler"),
        ("raise RuntimeError('no FOO')", "failed."),
    ],
)
def test_what_a_build_script_says(
    fail: Fail, sdist: Callable[..., str], bare_path: Path, setup: str, said: str
) -> None:
    failure = fail(sdist(setup=setup))
    assert said in failure.message
    assert failure.code == "BUILD_FAILED"
    assert failure.lines


@pytest.mark.parametrize("backend", BOTH)
def test_another_python_is_needed(fail: Fail, sdist: Callable[..., str], backend: str) -> None:
    failure = fail(sdist(project='requires-python = ">=3.99"\n'), backend=backend)
    assert failure.code == "PYTHON_UNSUPPORTED"
    assert failure.message == (
        f'"native" needs Python >=3.99, but this environment has Python {here()}.'
    )


@pytest.mark.parametrize("backend", BOTH)
def test_an_index_that_wants_credentials(fail: Fail, wheels: Path, backend: str) -> None:
    with index_server(wheels, users={"ada": "hunter2x"}) as index:
        failure = fail("tinytwo", backend=backend, index=index.url)
        assert failure.code == "INVALID_CONFIG"
        assert failure.message == (
            "The package index asks for credentials and did not accept ours."
        )
        wrong = index.url_for("ada").replace("hunter2x", "sesame-open")
        failure = fail("tinytwo", backend=backend, index=wrong)
    assert failure.code == "INVALID_CONFIG"
    assert failure.log_path is not None
    told = repr((failure.message, failure.lines, failure.details))
    assert "sesame-open" not in told + failure.log_path.read_text()


@pytest.mark.parametrize("backend", BOTH)
def test_a_yanked_version(fail: Fail, wheels: Path, backend: str) -> None:
    with index_server(wheels) as index:
        index.yank("tinytwo-1.5-py3-none-any.whl", "broken build")
        failure = fail("tinytwo>1", backend=backend, index=index.url)
    assert failure.code == "PACKAGE_NOT_FOUND"
    assert "was yanked: its maintainers took 1.5 back" in failure.message


def test_a_wheel_of_another_platform(fail: Fail, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "foreign", "tinytwo", "1.5")
    wheel.rename(wheel.with_name("tinytwo-1.5-cp311-cp311-win_amd64.whl"))
    with index_server(tmp_path / "foreign") as index:
        failure = fail("tinytwo", index=index.url)
    assert failure.message == f'"tinytwo==1.5" has no wheel for Python {here()} on this machine.'


def test_another_hash(fail: Fail, wheels: Path) -> None:
    with index_server(wheels) as index:
        failure = fail(f"tinytwo==1.5 --hash=sha256:{'0' * 64}", index=index.url)
    assert failure.code == "REQUIREMENTS_INVALID"
    assert failure.message.startswith('The file of "tinytwo==1.5" is not the one that was locked')
    assert "synapse env lock" in failure.hint


@pytest.mark.parametrize(
    ("backend", "status", "code", "said"),
    [
        ("uv", 403, "INVALID_CONFIG", 'refuses to give "tinytwo" to us (403 Forbidden)'),
        ("uv", 503, "NETWORK_UNAVAILABLE", "has a fault of its own (status 503)"),
        ("uv", 404, "PACKAGE_NOT_FOUND", 'no package "tinytwo"'),
        pytest.param(
            *("virtualenv", 503, "NETWORK_UNAVAILABLE", "has a fault of its own (status 503)"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_an_index_that_refuses(fail: Fail, backend: str, status: int, code: str, said: str) -> None:
    with answering(status) as port:
        failure = fail("tinytwo", backend=backend, index=f"http://127.0.0.1:{port}/simple")
    assert failure.code == code
    assert said in failure.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_certificate_that_nobody_trusts(fail: Fail, tmp_path: Path) -> None:
    options = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    command = ["openssl", *options.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with answering(404, context) as port:
        failure = fail("tinytwo", index=f"https://127.0.0.1:{port}/simple")
    assert failure.code == "NETWORK_UNAVAILABLE"
    assert failure.message == "The certificate of the package index is not trusted."


def test_a_proxy_that_refuses(fail: Fail, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(501) as port:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        failure = fail("tinytwo", index="https://index.invalid/simple")
    assert failure.code == "NETWORK_UNAVAILABLE"
    assert failure.message == "The proxy does not let us reach the package index."
    assert failure.retryable


def test_no_secret_leaves_a_build_whatever_its_script_prints(
    fail: Fail, sdist: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CORP_PYPI_TOKEN", "tok-93c1aa")
    monkeypatch.setenv("UV_INDEX_CORP_PASSWORD", "pass-77e0bb")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:prox-55d1cc@127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine index.test login ada password net-33a2dd\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    script = (
        "import os, pathlib, sys\n"
        "for name, value in os.environ.items(): print(name, value)\n"
        "print(pathlib.Path.home().joinpath('.netrc').read_text())\n"
        "sys.exit('the end of it')\n"
    )
    failure = fail(sdist(setup=script), "# https://x:line-11b3ee@index.test/simple")
    assert failure.lines[-1] == "the end of it"
    assert failure.log_path is not None
    told = failure.log_path.read_text() + repr((failure.message, failure.details))
    assert "CORP_PYPI_TOKEN ***" in told
    for secret in ("tok-93c1aa", "pass-77e0bb", "prox-55d1cc", "net-33a2dd", "line-11b3ee"):
        assert secret not in told


def test_no_git(fail: Fail, bare_path: Path) -> None:
    failure = fail("x @ git+https://127.0.0.1:9/x.git")
    assert "there is no git on this machine" in failure.message


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_no_such_repository(fail: Fail) -> None:
    failure = fail("x @ git+file:///nowhere/x.git")
    assert failure.code == "PACKAGE_NOT_FOUND"
    assert 'The git repository of "x"' in failure.message


def answering(status: int, context: ssl.SSLContext | None = None) -> _Answering:
    """Serve one status to everybody; yields the port."""
    return _Answering(status, context)


class _Answering:
    def __init__(self, status: int, context: ssl.SSLContext | None) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_CONNECT = do_GET  # noqa: N815 - the names of the base

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
