"""What is rewritten in an environment so that it may stand anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle.copying import normalize
from synapse_worker.bundle.needs import oldest_glibc
from synapse_worker.bundle.portable import make_portable
from synapse_worker.bundle.record import update_records
from synapse_worker.bundle.scripts import make_scripts_portable
from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.layout import VenvLayout

if TYPE_CHECKING:
    from pathlib import Path

LONG = "x" * 200


@pytest.mark.parametrize(
    "header",
    [
        "#!/old/place/.venv/bin/python\n",
        "#!/old/place/.venv/bin/python3.11\n",
        f"#!/bin/sh\n'''exec' \"/old/{LONG}/bin/python\" \"$0\" \"$@\"\n' '''\n",
    ],
)
def test_a_script_runs_by_the_interpreter_beside_it(tmp_path: Path, header: str) -> None:
    folder = tmp_path / "a folder" / "bin"
    folder.mkdir(parents=True)
    script = folder / "tool"
    script.write_text(f"{header}import sys\nprint(sys.argv[1:], sys.executable)\n")
    make_scripts_portable(folder)
    (folder / "python").symlink_to(sys.executable)
    (tmp_path / "elsewhere").symlink_to(script)
    done = subprocess.run(
        [tmp_path / "elsewhere", "a b"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("['a b'] ")
    assert "/old/" not in script.read_text()


def test_programs_stay_and_interpreters_and_activation_go(tmp_path: Path) -> None:
    for name in (
        "activate",
        "activate.fish",
        "activate_this.py",
        "python",
        "python3",
        "python3.11",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "ruff").write_bytes(b"\x7fELF program")
    (tmp_path / "shell").write_text("#!/bin/sh\necho\n")
    make_scripts_portable(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ruff", "shell"]
    assert (tmp_path / "shell").read_text() == "#!/bin/sh\necho\n"


def test_records_tell_the_truth_afterwards(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    info = site / "tool-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "tool.py").write_text("changed\n")
    (info / "RECORD").write_text(
        "tool.py,sha256=old,1\n__pycache__/tool.cpython-311.pyc,,\ngone.py,sha256=x,1\n"
        "../../../bin/tool,sha256=old,9\ntool-1.0.dist-info/RECORD,,\n"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").write_text("")
    kept = tmp_path / "kept"
    kept.hardlink_to(info / "RECORD")
    before = kept.read_text()
    update_records(site)
    assert (info / "RECORD").read_text().splitlines() == [
        "../../../bin/tool,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0",
        "tool.py,sha256=f4sd_EZrYknwbL5VyRdN8leOd1TaeT_e0kTvXLoqOPE,8",
        "tool-1.0.dist-info/RECORD,,",
    ]
    assert kept.read_text() == before, "a file that others have as well was written in place"


def test_what_speaks_of_the_build_goes(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    (site / "a-1.0.dist-info").mkdir(parents=True)
    (site / "b-1.0.dist-info").mkdir()
    (site / "a-1.0.dist-info/direct_url.json").write_text('{"url": "file:///home/me/a"}')
    (site / "a-1.0.dist-info/uv_cache.json").write_text("{}")
    (site / "b-1.0.dist-info/direct_url.json").write_text('{"url": "https://example/b.whl"}')
    for name in (".gitignore", "CACHEDIR.TAG", ".lock", "pyvenv.cfg"):
        (tmp_path / name).write_text("")
    (tmp_path / "synapse").mkdir()
    (tmp_path / "synapse/build.log").write_text("")
    (tmp_path / "lib64").symlink_to("lib")
    (site / "__pycache__").mkdir()
    (site / "__pycache__/a.pyc").write_text("")
    (site / "only.pyc").write_text("")
    make_portable(VenvLayout(tmp_path))
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == [
        "lib/python3.11/site-packages/b-1.0.dist-info/direct_url.json",
        "lib/python3.11/site-packages/only.pyc",
    ]
    assert not (tmp_path / "lib64").is_symlink()


def test_a_path_file_may_hold_code_and_relative_paths_only(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (site / "fine.pth").write_text("# /comment\nimport os; x = '/abs'\nvendored\n")
    make_portable(VenvLayout(tmp_path))
    (site / "bad.pth").write_text("/home/me/lib\n")
    with pytest.raises(ModuleEnvironmentError, match="absolute path"):
        make_portable(VenvLayout(tmp_path))


def test_a_file_that_is_shared_with_a_cache_becomes_its_own(tmp_path: Path) -> None:
    cached = tmp_path / "cached"
    cached.write_text("content")
    cached.chmod(0o600)
    folder = tmp_path / "bundle"
    folder.mkdir(mode=0o700)
    os.link(cached, folder / "file")
    normalize(folder)
    assert (folder / "file").read_text() == "content"
    assert (folder / "file").stat().st_mode & 0o777 == 0o644
    assert cached.stat().st_mode & 0o777 == 0o600
    assert cached.stat().st_nlink == 1


def wheel(venv: Path, name: str, *tags: str) -> None:
    folder = venv / "lib/python3.11/site-packages" / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))


@pytest.mark.parametrize(
    ("tags", "oldest"),
    [
        ([["py3-none-any"]], "2.5"),
        ([["cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64"]], "2.17"),
        ([["cp311-cp311-manylinux_2_28_x86_64.manylinux_2_17_x86_64"]], "2.17"),
        ([["cp311-cp311-manylinux1_x86_64"], ["cp311-abi3-manylinux_2_28_x86_64"]], "2.28"),
        ([["cp311-cp311-linux_x86_64"]], "2.36"),
        ([[]], "2.36"),
    ],
)
def test_the_oldest_glibc_is_in_the_tags(
    tmp_path: Path, tags: list[list[str]], oldest: str
) -> None:
    for number, of_one in enumerate(tags):
        wheel(tmp_path, f"package{number}", *of_one)
    assert oldest_glibc(tmp_path, "2.36") == oldest
    assert oldest_glibc(tmp_path, None) is None
