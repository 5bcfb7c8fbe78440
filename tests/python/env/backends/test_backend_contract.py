"""What every backend must do, proved on real environments: the same suite for uv and virtualenv."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event, Marker

BACKENDS = ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)]
pytestmark = [pytest.mark.parametrize("backend", BACKENDS), pytest.mark.network]


@pytest.fixture
def sync(backend: str, runtime_folder: Path) -> Callable[..., Marker]:
    def run(directory: Path, on_event: Callable[[Event], None] = lambda _event: None) -> Marker:
        request = EnvironmentRequest(
            directory,
            backend=backend,  # type: ignore[arg-type]
            dialect="raw",
            runtime_folder=runtime_folder,
        )
        return sync_environment(request, on_event)

    return run


def versions(directory: Path) -> dict[str, str]:
    """Ask the environment itself what is installed, by importing it."""
    code = (
        "import importlib\n"
        "for name in ('tinyone', 'tinytwo'):\n"
        "    try: print(name, importlib.import_module(name).VERSION)\n"
        "    except ImportError: pass\n"
    )
    python = directory / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())


def test_it_builds_changes_and_empties_an_environment(
    sync: Callable[..., Marker],
    make_module: Callable[..., Path],
    require: Callable[..., None],
    backend: str,
    session_cache: Path,
) -> None:
    directory = make_module("tinyone<2", name="päckchen mit platz")
    events: list[Event] = []
    marker = sync(directory, events.append)
    assert versions(directory) == {"tinyone": "1.0", "tinytwo": "1.5"}
    assert (marker.state, marker.owned, marker.backend) == ("ready", True, backend)
    # The tools are fetched by whichever test needs them first.
    progress = [e for e in events if e["event"] == "progress" and e["phase"] != "tools"]
    tools = [(e["done"], e["total"]) for e in events if e.get("phase") == "tools" and "done" in e]
    assert not tools or tools[-1] == (tools[0][1], tools[0][1])
    assert progress[0] == {
        "event": "progress", "phase": "resolve", "done": 0, "total": 1, "unit": "packages",
    }  # fmt: skip
    last = {(e["phase"], e["unit"]): (e["done"], e["total"]) for e in progress}
    assert last == {
        ("resolve", "packages"): (2, 2),
        ("download", "packages"): (2, 2),
        ("install", "packages"): (2, 2),
        ("verify", "packages"): (3, 3),
    }
    phases = [e["phase"] for e in events if e["event"] == "phase"]
    assert [phase for phase in phases if phase != "tools"] == [
        "python", "create", "resolve", "download", "install", "runtime", "verify",
    ]  # fmt: skip
    lock = (directory / ".venv" / "synapse" / "requirements.lock").read_text()
    assert sorted(lock.split()) == ["tinyone==1.0", "tinytwo==1.5"]

    if backend == "virtualenv":
        assert (session_cache / "pip-tools").is_dir()

    require(directory, "tinyone>=2")
    sync(directory)
    assert versions(directory) == {"tinyone": "2.0", "tinytwo": "1.5"}

    require(directory, "tinytwo")
    sync(directory)
    assert versions(directory) == {"tinytwo": "1.5"}

    require(directory)
    sync(directory)
    assert versions(directory) == {}
    assert Path(sync(directory).launch.script).is_file()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("requirement", "code", "said"),
    [
        ("no-such-thing-here", "PACKAGE_NOT_FOUND", "no-such-thing-here"),
        ("tinyone==9", "PACKAGE_NOT_FOUND", "tinyone==9"),
        ("tinyone\ntinythree", "REQUIREMENTS_INVALID", "tinytwo"),
        ("tinyone==1.0\ntinyone==2.0", "REQUIREMENTS_INVALID", "tinyone"),
        ("tinyone=1 what", "REQUIREMENTS_INVALID", "tinyone=1 what"),
        ("broken @ file:///nowhere/broken-1.0-py3-none-any.whl", "REQUIREMENTS_INVALID", "broken"),
    ],
)
def test_a_failure_is_named_and_leaves_nothing_that_looks_ready(
    sync: Callable[..., Marker],
    make_module: Callable[..., Path],
    require: Callable[..., None],
    requirement: str,
    code: str,
    said: str,
) -> None:
    directory = make_module(requirement)
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory)
    assert caught.value.code == code
    assert said in "\n".join((str(caught.value), *caught.value.lines))
    assert caught.value.hint
    assert caught.value.log_path is not None
    assert said.split("=")[0] in caught.value.log_path.read_text()
    require(directory, "tinytwo")
    sync(directory)
    assert versions(directory) == {"tinytwo": "1.5"}


def test_without_a_network_the_error_says_so_and_shows_no_credentials(
    sync: Callable[..., Marker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")
    # Nothing listens on the discard port.
    index = "https://user:hunter2@127.0.0.1:9/simple"
    (tmp_path / "requirements.txt").write_text(f"--index-url {index}\ntinyone\n")
    events: list[Event] = []
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(tmp_path, events.append)
    assert (caught.value.code, caught.value.retryable) == ("NETWORK_UNAVAILABLE", True)
    venv = tmp_path / ".venv"
    files = [path for path in venv.rglob("*") if path.is_file() and not path.is_symlink()]
    written = "".join(path.read_text(errors="replace") for path in files)
    assert "hunter2" not in written
    assert "hunter2" not in repr((events, caught.value.details, str(caught.value)))


@pytest.mark.parametrize(
    "requirement",
    [
        "tinytwo==1.5 --hash=sha256:{hash}",
        "tinytwo @ {url} --hash=sha256:{hash}",
        "{path} --hash=sha256:{hash}",
        "tinytwo @ {url}#sha256={hash}",
    ],
)
def test_a_file_of_another_hash_is_not_installed(
    sync: Callable[..., Marker], make_module: Callable[..., Path], wheels: Path, requirement: str
) -> None:
    wheel = wheels / "tinytwo-1.5-py3-none-any.whl"
    asked = requirement.format(url=wheel.as_uri(), path=wheel, hash="0" * 64)
    directory = make_module(asked)
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory)
    assert caught.value.code == "REQUIREMENTS_INVALID"


def test_a_variable_in_a_line_that_is_held_to_a_hash_is_replaced(
    sync: Callable[..., Marker],
    make_module: Callable[..., Path],
    wheels: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheel = wheels / "tinytwo-1.5-py3-none-any.whl"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    monkeypatch.setenv("TINY_VERSION", "1.5")
    directory = make_module(f"tinytwo==${{TINY_VERSION}} --hash=sha256:{digest}")
    sync(directory)
    assert versions(directory) == {"tinytwo": "1.5"}


def test_a_hash_in_an_address_says_nothing_of_the_other_requirements(
    sync: Callable[..., Marker], make_module: Callable[..., Path], wheels: Path
) -> None:
    wheel = wheels / "tinytwo-1.5-py3-none-any.whl"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    directory = make_module("tinyone<2", f"tinytwo @ {wheel.as_uri()}#sha256={digest}")
    sync(directory)
    assert versions(directory) == {"tinyone": "1.0", "tinytwo": "1.5"}
    directory = make_module("tinyone<2", f"tinytwo @ {wheel.as_uri()}#sha256={'0' * 64}", name="b")
    with pytest.raises(ModuleEnvironmentError):
        sync(directory)


def test_an_environment_of_the_user_is_only_added_to(
    sync: Callable[..., Marker], make_module: Callable[..., Path], require: Callable[..., None]
) -> None:
    directory = make_module("tinyone<2")
    marker = sync(directory)
    (directory / ".venv" / "synapse.json").unlink()  # now nobody can tell that we made it
    precious = directory / ".venv" / "precious"
    precious.write_text("mine")

    require(directory, "tinytwo")
    adopted = sync(directory)
    assert (adopted.owned, adopted.state) == (False, "ready")
    assert versions(directory) == {"tinyone": "1.0", "tinytwo": "1.5"}
    assert precious.read_text() == "mine"
    assert adopted.launch == marker.launch


@pytest.mark.parametrize("form", ["./tinytwo-1.5-py3-none-any.whl", "tinytwo @ {url}"])
def test_a_package_beside_the_module_is_installed_and_stays(
    sync: Callable[..., Marker],
    make_module: Callable[..., Path],
    require: Callable[..., None],
    wheels: Path,
    form: str,
) -> None:
    directory = make_module()
    local = Path(shutil.copy(wheels / "tinytwo-1.5-py3-none-any.whl", directory))
    requirement = form.format(url=local.as_uri())
    require(directory, requirement)
    sync(directory)
    assert versions(directory) == {"tinytwo": "1.5"}
    require(directory, requirement, "tinyone<2")
    sync(directory)
    assert versions(directory) == {"tinyone": "1.0", "tinytwo": "1.5"}


def test_a_module_may_list_us_though_no_index_has_us(
    sync: Callable[..., Marker], make_module: Callable[..., Path], require: Callable[..., None]
) -> None:
    directory = make_module("synapse-worker", "tinyone<2", "-c limits.txt")
    (directory / "limits.txt").write_text("tinytwo<2\n")
    sync(directory)
    assert versions(directory) == {"tinyone": "1.0", "tinytwo": "1.5"}
    require(directory, "synapse_worker[env]>=0.1")
    assert Path(sync(directory).launch.script).is_file()  # type: ignore[union-attr]
    assert versions(directory) == {}


@pytest.mark.slow
def test_the_codec_is_private_and_hash_checked(
    make_module: Callable[..., Path], backend: str, runtime_folder: Path
) -> None:
    directory = make_module()
    marker = sync_environment(
        EnvironmentRequest(
            directory,
            backend=backend,  # type: ignore[arg-type]
            dialect="native",
            runtime_folder=runtime_folder,
        )
    )
    assert marker.codec is not None
    assert (marker.codec.name, marker.codec.private) == ("msgspec", True)
    python = directory / ".venv" / "bin" / "python"
    seen = subprocess.run([python, "-I", "-c", "import msgspec"], capture_output=True, check=False)
    assert b"ModuleNotFoundError" in seen.stderr
    assert (directory / ".venv" / "synapse" / "codec" / "msgspec").is_dir()
