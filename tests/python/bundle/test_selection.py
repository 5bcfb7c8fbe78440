"""What of a module goes into its bundle, and what stays out, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle.selection import select_files
from synapse_worker.bundle.settings import BundleSettings, read_bundle_settings
from synapse_worker.env import ModuleEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTHING = BundleSettings()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "module"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text("")
    return folder


@pytest.fixture
def put(module: Path) -> Callable[..., None]:
    def write(*paths: str, text: str = "") -> None:
        for path in paths:
            (module / path).parent.mkdir(parents=True, exist_ok=True)
            (module / path).write_text(text)

    return write


def test_sources_and_data_go_in(module: Path, put: Callable[..., None]) -> None:
    put("pkg/__init__.py", "data/model.bin", ".env.example", ".hidden/x", "requirements.txt")
    assert sorted(select_files(module, NOTHING).files) == [
        *(".env.example", ".hidden/x", "data/model.bin", "main.py", "pkg/__init__.py"),
        "requirements.txt",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *(".env", ".env.production", "certs/server.pem", "server.key", "id_rsa", ".netrc"),
        *(".npmrc", "credentials.json", "service-account-live.json", ".streamlit/secrets.toml"),
        *(".pgpass", ".my.cnf", "infra/terraform.tfstate", "secrets.toml", ".Env", "Server.PEM"),
        *("prod.env", "secrets.yaml", ".vault-token", "me.ppk", "live.tfvars", ".yarnrc.yml"),
        *("netrc", "application_default_credentials.json", "release.keystore", ".s3cfg"),
    ],
)
def test_secrets_stay_out_and_are_named(module: Path, put: Callable[..., None], name: str) -> None:
    put(name)
    selection = select_files(module, NOTHING)
    assert list(selection.files) == ["main.py"]
    assert selection.omitted == {name: "secret"}


def test_what_another_bundle_or_export_has_on_its_way_stays_out(
    module: Path, put: Callable[..., None]
) -> None:
    names = (".out.synapse-bundle-ab12", ".wh-synapse-new", ".wh-synapse-old")
    put(*(f"{name}/x.whl" for name in names))
    selection = select_files(module, NOTHING)
    assert list(selection.files) == ["main.py"]
    assert selection.omitted == {f"{name}/": "leftover" for name in names}


def test_environments_caches_and_repositories_stay_out(
    module: Path, put: Callable[..., None]
) -> None:
    put(".venv/lib/x.py", ".git/config", "pkg/__pycache__/x.pyc", "node_modules/a/b.js")
    put("anything/pyvenv.cfg", "anything/lib/x.py", ".pytest_cache/x", "x.pyc")
    selection = select_files(module, NOTHING)
    assert list(selection.files) == ["main.py"]
    assert selection.omitted == {
        ".pytest_cache/": "leftover",
        "anything/": "a Python environment",
        "node_modules/": "leftover",
        "x.pyc": "leftover",
    }


def test_other_bundles_and_the_output_stay_out(module: Path, put: Callable[..., None]) -> None:
    put("out/bundle.json", "out/main.py", "next/half.py")
    selection = select_files(module, NOTHING, frozenset({module / "next"}))
    assert list(selection.files) == ["main.py"]
    assert selection.omitted == {"out/": "a bundle"}


def test_what_git_ignores_stays_out(module: Path, put: Callable[..., None]) -> None:
    (module.parent / ".git").mkdir()
    (module.parent / ".gitignore").write_text("*.bin\n")
    put(".gitignore", text="local/\n")
    put("data/.gitignore", text="!keep.bin\n*.tmp\n")
    put("data/a.bin", "data/keep.bin", "data/x.tmp", "local/notes.txt")
    selection = select_files(module, NOTHING)
    assert sorted(selection.files) == [".gitignore", "data/.gitignore", "data/keep.bin", "main.py"]
    assert selection.omitted == dict.fromkeys(["data/a.bin", "data/x.tmp", "local/"], ".gitignore")


def test_lists_above_count_only_within_a_repository(module: Path, put: Callable[..., None]) -> None:
    (module.parent / ".gitignore").write_text("*.bin\n")
    put("a.bin")
    assert sorted(select_files(module, NOTHING).files) == ["a.bin", "main.py"]


def test_a_module_that_the_repository_ignores_is_taken_all_the_same(module: Path) -> None:
    (module.parent / ".git").mkdir()
    (module.parent / ".gitignore").write_text("module/\n")
    assert list(select_files(module, NOTHING).files) == ["main.py"]


def test_include_wins_over_everything(module: Path, put: Callable[..., None]) -> None:
    put(".gitignore", text="*.onnx\n")
    put("models/a.onnx", "models/b.onnx", ".env", "tests/data/x.txt", "tests/test_x.py")
    settings = BundleSettings(include=("models/a.onnx", ".env", "tests/data/"), exclude=("tests/",))
    selection = select_files(module, settings)
    assert sorted(selection.files) == [
        *(".env", ".gitignore", "main.py", "models/a.onnx", "tests/data/x.txt"),
    ]
    assert selection.omitted == {"models/b.onnx": ".gitignore", "tests/": "exclude"}


def test_the_environment_is_never_included(module: Path, put: Callable[..., None]) -> None:
    put(".venv/lib/x.py", ".git/config")
    assert list(select_files(module, BundleSettings(include=("*",))).files) == ["main.py"]


def test_exclude_may_take_back(module: Path, put: Callable[..., None]) -> None:
    put("data/a.csv", "data/b.csv")
    settings = BundleSettings(exclude=("data/*.csv", "!data/b.csv"))
    assert sorted(select_files(module, settings).files) == ["data/b.csv", "main.py"]


def test_links_within_the_module_stay_links(module: Path, put: Callable[..., None]) -> None:
    put("data/words.txt")
    (module / "near").symlink_to("data/words.txt")
    (module / "data" / "far").symlink_to(module / "main.py")
    (module / "folder").symlink_to("data")
    assert select_files(module, NOTHING).links == {
        "near": "data/words.txt",
        "data/far": "../main.py",
        "folder": "data",
    }


def test_a_link_to_what_is_left_out_is_left_out(module: Path, put: Callable[..., None]) -> None:
    put(".env")
    (module / "settings").symlink_to(".env")
    selection = select_files(module, NOTHING)
    assert selection.links == {}
    assert selection.omitted["settings"] == "leads to .env, which is left out"


def test_a_link_that_leads_out_is_an_error_that_names_it(module: Path) -> None:
    (module.parent / "shared").mkdir()
    (module / "shared").symlink_to("../shared")
    (module / "gone").symlink_to("nowhere")
    with pytest.raises(ModuleEnvironmentError, match="lead out of it, or nowhere") as caught:
        select_files(module, NOTHING)
    assert caught.value.lines == (
        "gone -> nowhere",
        f"shared -> {module.parent / 'shared'}",
    )


def test_a_link_that_leads_out_and_is_included_is_followed_by_the_same_rules(module: Path) -> None:
    shared = module.parent / "shared"
    shared.mkdir()
    (shared / "model.bin").write_text("")
    (shared / ".env").write_text("")
    (module / "shared").symlink_to("../shared")
    (module / "one").symlink_to("../shared/model.bin")
    selection = select_files(module, BundleSettings(include=("shared", "one")))
    assert sorted(selection.files) == ["main.py", "one", "shared/model.bin"]
    assert selection.omitted == {"shared/.env": "secret"}
    (shared / "up").symlink_to(module.parent)
    with pytest.raises(ModuleEnvironmentError, match="leads out of it"):
        select_files(module, BundleSettings(include=("shared", "one")))


def test_an_excluded_link_may_lead_anywhere(module: Path) -> None:
    (module / "gone").symlink_to("nowhere")
    assert select_files(module, BundleSettings(exclude=("gone",))).omitted == {"gone": "exclude"}


def test_settings_are_lists_of_strings_and_nothing_else(module: Path) -> None:
    project = module / "pyproject.toml"
    project.write_text('[tool.synapse.bundle]\ninclude = ["a"]\nexclude = ["b"]\n')
    assert read_bundle_settings(module) == BundleSettings(("a",), ("b",))
    project.write_text('[tool.synapse.bundle]\ninclude = "a"\n')
    with pytest.raises(ModuleEnvironmentError, match="include must be a list of strings"):
        read_bundle_settings(module)
    project.write_text("[tool.synapse.bundle]\nexlude = []\n")
    with pytest.raises(ModuleEnvironmentError, match='has no key "exlude"; it knows include, excl'):
        read_bundle_settings(module)
