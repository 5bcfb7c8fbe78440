"""`synapse env export` fills a folder from which either backend builds without a network or a cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    export_wheelhouse,
    lock_environment,
    sync_environment,
)

from ..conftest import NO_INDEX
from ..projects import write_project, write_repository, write_sdist

if TYPE_CHECKING:
    from pathlib import Path

    from synapse_worker.env import Wheelhouse


@pytest.fixture
def module(tmp_path: Path, wheels: Path) -> Path:
    """A module with everything that a wheelhouse has to think of."""
    store = tmp_path / "store"
    store.mkdir()
    # Built with tinytwo: that has to be at hand offline.
    write_sdist(store, write_project(tmp_path / "sourceonly", "sourceonly", build=("tinytwo",)))
    write_repository(write_project(tmp_path / "repository", "stored", requires=("tinytwo",)))
    directory = tmp_path / "module"
    write_project(directory / "beside", "beside", build=("tinytwo",))
    (directory / "requirements.in").write_text(
        f"--find-links {wheels}\n--find-links {store}\ntinyone<2\nsourceonly\n-e ./beside\n"
        f"stored @ git+file://{tmp_path}/repository\n"
    )
    return directory


@pytest.fixture
def wheelhouse(module: Path, tmp_path: Path, runtime_folder: Path) -> Wheelhouse:
    """Its wheelhouse, made with the machine's own index; afterwards there is no index any more."""
    request = EnvironmentRequest(module, backend="uv", runtime_folder=runtime_folder)
    lock_environment(request)
    wheelhouse = export_wheelhouse(request, tmp_path / "wheelhouse")
    source = module / "requirements.in"
    lines = source.read_text().splitlines(keepends=True)
    source.write_text("".join(line for line in lines if not line.startswith("--find-links")))
    (tmp_path / "repository").rename(tmp_path / "away")
    return wheelhouse


@pytest.mark.slow
@pytest.mark.network
def test_a_machine_without_network_or_cache_builds_from_a_wheelhouse(
    wheelhouse: Wheelhouse,
    module: Path,
    tmp_path: Path,
    runtime_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tops = {name.partition("/")[0] for name in wheelhouse.files if "/" in name}
    assert tops == {"build", "local", "runtime", "tools"}
    assert [name for name in wheelhouse.files if "/" not in name] == [
        "sourceonly-0.1.tar.gz",
        "tinyone-1.0-py3-none-any.whl",
        "tinytwo-1.5-py3-none-any.whl",
    ]
    manifest = json.loads((wheelhouse.path / "wheelhouse.json").read_text())
    assert set(manifest["files"]) == {*wheelhouse.files, "requirements.txt"}
    lock = (wheelhouse.path / "requirements.txt").read_text()
    names = [line.split(" ")[0] for line in lock.splitlines() if not line.startswith((" ", "#"))]
    assert names == [
        *("--find-links", "sourceonly==0.1", "tinyone==1.0", "tinytwo==1.5"),
        *("beside==0.1", "stored==0.1"),
    ]
    assert str(tmp_path) not in lock

    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(name, NO_INDEX)
    found: list[dict[str, str]] = []
    for backend in ("uv", "virtualenv"):
        for name in ("SYNAPSE_CACHE_DIR", "UV_CACHE_DIR", "PIP_CACHE_DIR"):
            monkeypatch.setenv(name, str(tmp_path / backend / name))
        request = EnvironmentRequest(
            module,
            backend=backend,  # type: ignore[arg-type]
            dialect="native",
            runtime_folder=runtime_folder,
            offline=True,
            find_links=(wheelhouse.path,),
        )
        marker = sync_environment(request)
        assert marker.codec is not None
        assert marker.codec.private
        folders = (module / ".venv").glob("lib/python*/site-packages/*.dist-info")
        names = [folder.name.removesuffix(".dist-info") for folder in folders]
        found.append(dict(name.split("-") for name in names))
        (module / ".venv").rename(tmp_path / f"venv-{backend}")
    assert found[0] == found[1]
    assert set(found[0]) == {
        *("tinyone", "tinytwo", "sourceonly", "beside", "stored", "synapse_worker"),
    }


def test_a_folder_of_somebody_elses_is_not_replaced(tmp_path: Path, runtime_folder: Path) -> None:
    target = tmp_path / "documents"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "requirements.txt").write_text("")
    with pytest.raises(ModuleEnvironmentError, match="so it is not replaced"):
        export_wheelhouse(
            EnvironmentRequest(directory, backend="uv", runtime_folder=runtime_folder), target
        )
    assert [path.name for path in target.iterdir()] == ["letter.txt"]
