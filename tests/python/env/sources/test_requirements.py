"""Where requirements come from and which files they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.inputs import Input, input_is_unchanged
from synapse_worker.env.sources.project import Project, read_project
from synapse_worker.env.sources.requirements import Requirements, read_requirements

if TYPE_CHECKING:
    from pathlib import Path


def read(directory: Path) -> Requirements:
    return read_requirements(directory, read_project(directory), "main.py")


def paths(requirements: Requirements) -> list[tuple[str, bool]]:
    return [(entry.path, entry.sha256 is not None) for entry in requirements.inputs]


def test_requirements_txt_comes_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["idna"]\n')
    found = read(tmp_path)
    assert (found.source, found.lines, found.file) == (
        "requirements.txt",
        ("six",),
        tmp_path / "requirements.txt",
    )
    assert paths(found) == [
        ("requirements.txt", True),
        ("pyproject.toml", True),
        (".python-version", False),
    ]


def test_then_the_dependencies_of_pyproject_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["idna>=3"]\n')
    found = read(tmp_path)
    assert (found.source, found.lines) == ("pyproject.toml", ("idna>=3",))
    assert paths(found) == [
        ("requirements.txt", False),
        ("pylock.toml", False),
        ("uv.lock", False),
        ("requirements.in", False),
        ("pyproject.toml", True),
        (".python-version", False),
    ]


def test_then_the_script_block_of_the_entrypoint(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.synapse]\nworkers = 1\n")
    (tmp_path / "main.py").write_text(
        "# /// script\n# dependencies = [\n#   'six',  # why\n# ]\n# ///\nprint()\n"
    )
    found = read(tmp_path)
    assert (found.source, found.lines) == ("script", ("six",))
    assert ("main.py", True) in paths(found)


def test_or_none_and_every_file_looked_for_is_an_input(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.source, found.is_empty) == ("none", True)
    assert paths(found) == [
        ("requirements.txt", False),
        ("pylock.toml", False),
        ("uv.lock", False),
        ("requirements.in", False),
        ("main.py", False),
        ("pyproject.toml", False),
        (".python-version", False),
    ]


def test_included_files_are_inputs_too(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "requirements.txt").write_text("-r parts/base.txt\n--constraint=limits.txt\nsix\n")
    (tmp_path / "parts" / "base.txt").write_text("-rmore.txt\n")
    (tmp_path / "parts" / "more.txt").write_text("idna\n-r ../requirements.txt\n")
    (tmp_path / "limits.txt").write_text("idna<4\n")
    found = read(tmp_path)
    assert [entry.path for entry in found.inputs] == [
        "requirements.txt",
        "parts/base.txt",
        "parts/more.txt",
        "limits.txt",
        "pyproject.toml",
        ".python-version",
    ]
    assert (found.lines, found.constraints) == (("idna", "six"), ("idna<4",))


def test_a_missing_include_is_an_error_that_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r gone.txt\n")
    with pytest.raises(ModuleEnvironmentError, match=r'gone\.txt", which "requirements\.txt"') as e:
        read(tmp_path)
    assert e.value.code == "REQUIREMENTS_INVALID"


def test_comments_continuations_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# all\n\nsix \\\n  >=1   # why\nidna#not-a-comment\n"
    )
    assert read(tmp_path).lines == ("six >=1", "idna#not-a-comment")


@pytest.mark.parametrize(
    "line", ["synapse-worker", "Synapse_Worker[env] >=0.1 # we import it", "synapse.worker==9"]
)
def test_our_own_name_is_left_out_wherever_it_is_listed(tmp_path: Path, line: str) -> None:
    (tmp_path / "main.py").write_text(f"# /// script\n# dependencies = ['six', '{line}']\n# ///\n")
    assert read(tmp_path).lines == ("six",)
    (tmp_path / "pyproject.toml").write_text(f"[project]\ndependencies = ['{line}', 'six']\n")
    assert read(tmp_path).lines == ("six",)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "more.txt").write_text(f"--find-links .\n{line}\nidna\n")
    (tmp_path / "limits.txt").write_text("idna<4\n")
    (tmp_path / "requirements.txt").write_text("-r parts/more.txt\n-c limits.txt\nsix\n")
    found = read(tmp_path)
    assert found.lines == ("--find-links .", "idna", "six")
    assert found.constraints == ("idna<4",)
    assert found.rewritten == (
        f"--find-links {tmp_path}/parts",
        "idna",
        f"-c {tmp_path}/limits.txt",
        "six",
    )


@pytest.mark.parametrize(
    "line", ["tiny @ ${ADDRESS}", "${ADDRESS}", "-e git+${ADDRESS}", "-r ${ADDRESS}"]
)
def test_an_address_in_a_variable_is_no_path_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("ADDRESS", "https://ada:hunter2@host.test/tiny-1.0-py3-none-any.whl")
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    found = read(tmp_path)
    assert (found.lines, found.local) == ((line,), ())
    assert "hunter2" not in repr((found.lines, found.inputs))


@pytest.mark.parametrize(
    "text",
    [
        "# note\u2028six==1\n",
        "# note\u2029six==1\n",
        "# note\x85six==1\n",
        "# note\fsix==1\n",
        "# note\vsix==1\n",
        "# note\rsix==1\n",
        "six==1\\",
        "six==1\\\n",
        "six==1\\\\\n\n",
    ],
)
def test_what_tools_read_differently_is_rewritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_bytes(text.encode())
    found = read(tmp_path)
    assert (found.lines, found.rewritten) == (("six==1",), ("six==1",))


def test_variables_outside_of_addresses_are_replaced_for_the_tools_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIX", "six")
    address = "rich @ https://${SIX}@host.test/rich-1-py3-none-any.whl"
    (tmp_path / "requirements.txt").write_text(f"${{SIX}}==1\n{address}\n")
    found = read(tmp_path)
    assert found.lines == ("${SIX}==1", address)
    assert found.rewritten == ("six==1", address)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("six==1 --config-settings=a=b", '"six" has the option --config-settings,'),
        ('six==1 --config-settings "a=b"', '"six" has the option --config-settings,'),
        ("six==1 --hash=sha256:0 -C a=b", '"six" has the option -C,'),
        ("six==1 --global-option=x", '"six" has the option --global-option,'),
        ("-e ./lib --config-setting a=b", '"./lib" has the option --config-setting,'),
        ("./lib --config-settings a=b", '"./lib" has the option --config-settings,'),
        ("six==1 -Ca=b", '"six" has the option -C,'),
        ("six==1 --config=a=b", '"six" has the option --config,'),
        ("six==1 --install-option x", '"six" has the option --install-option,'),
        (
            '-e "./my -C dir" --config-settings a=b',
            '"./my -C dir" has the option --config-settings,',
        ),
        (r"-e ./my\ dir -C a=b", '"./my dir" has the option -C,'),
    ],
)
def test_an_option_for_the_build_of_one_requirement_is_refused(
    tmp_path: Path, line: str, named: str
) -> None:
    (tmp_path / "requirements.txt").write_text(f"rich\n{line}\n")
    with pytest.raises(ModuleEnvironmentError) as caught:
        read(tmp_path)
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert named in caught.value.message
    assert "--find-links" in caught.value.hint
    assert "PIP_CONFIG_SETTINGS" not in caught.value.hint
    # uv never had the older two.
    assert ("uv.toml" in caught.value.hint) == ("--conf" in named or "-C," in named)


def test_such_an_option_is_refused_in_constraints_and_in_lists_as_well(tmp_path: Path) -> None:
    said = '"six" has the option --config-settings,'
    (tmp_path / "main.py").write_text("")
    (tmp_path / "limits.txt").write_text("six==1 --config-settings a=b\n")
    (tmp_path / "requirements.txt").write_text("-c limits.txt\nsix\n")
    with pytest.raises(ModuleEnvironmentError, match=said):
        read(tmp_path)
    (tmp_path / "requirements.txt").unlink()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "m"\ndependencies = ["six --config-settings a=b"]\n'
    )
    with pytest.raises(ModuleEnvironmentError, match=said):
        read(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "main.py").write_text(
        '# /// script\n# dependencies = ["six --config-settings a=b"]\n# ///\n'
    )
    with pytest.raises(ModuleEnvironmentError, match=said):
        read(tmp_path)


def test_a_folder_may_be_called_like_such_an_option(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text('-e "./my -C dir"\n')
    assert read(tmp_path).lines == (f"-e {(tmp_path / 'my -C dir').as_uri()}",)


def test_usual_ends_of_lines_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"six \\\r\n  ==1\r\n# C:\\\r\nrich==1\n")
    assert read(tmp_path).rewritten is None


def test_a_name_that_only_begins_like_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("synapse-worker-extras\nsynapse\n")
    assert read(tmp_path).rewritten is None


def test_index_options_are_kept_and_relative_links_made_absolute(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "requirements.txt").write_text(
        "-i https://user:secret@index.example/simple\n--find-links ./wheels\nsix\n"
    )
    assert read(tmp_path).options == (
        "-i https://user:secret@index.example/simple",
        f"--find-links {tmp_path}/wheels",
    )


def test_a_file_with_hashes_is_known_to_be_locked(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.17.0 \\\n    --hash=sha256:aa\n")
    assert read(tmp_path).is_locked


def test_a_change_is_seen_also_when_the_size_stays(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("six==1\n")
    known = read(tmp_path).inputs[0]
    assert input_is_unchanged(tmp_path, known)
    path.write_text("six==2\n")
    assert not input_is_unchanged(tmp_path, known)
    assert not input_is_unchanged(tmp_path, Input("requirements.txt", None, None))


@pytest.mark.parametrize(
    "block",
    [
        "# /// script\n# dependencies = 'six'\n# ///\n",
        "# /// script\n# dependencies = [\n# ///\n",
        "# /// script\n# dependencies = []\n# ///\n\n# /// script\n# x = 1\n# ///\n",
    ],
)
def test_a_malformed_script_block_is_an_error(tmp_path: Path, block: str) -> None:
    (tmp_path / "main.py").write_text(block)
    with pytest.raises(ModuleEnvironmentError) as caught:
        read(tmp_path)
    assert caught.value.code == "REQUIREMENTS_INVALID"


def test_the_settings_of_a_project_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.synapse]\nentrypoint = "app"\nname = "p"\npython = "3.12"\nworkers = 2\n'
    )
    assert read_project(tmp_path) == Project("app.py", "p", "3.12", 2)


@pytest.mark.parametrize(
    "line",
    [
        "workers = 0",
        "workers = true",
        "python = 3.12",
        "name = ''",
        "[",
        "timeout-ms = -1",
        "timeout-ms = 1.5",
        "recycle-calls = 0",
        'limit-memory-bytes = "2G"',
        "zygote = 1",
        'share-environment = "yes"',
    ],
)
def test_a_setting_of_the_wrong_kind_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.synapse]\n{line}\n")
    with pytest.raises(ModuleEnvironmentError) as caught:
        read_project(tmp_path)
    assert caught.value.code == "INVALID_CONFIG"


def test_an_unknown_setting_is_refused_in_the_words_of_the_other_wing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.synapse]\nworker = 2\n")
    with pytest.raises(ModuleEnvironmentError) as caught:
        read_project(tmp_path)
    assert caught.value.code == "INVALID_CONFIG"
    assert caught.value.message == (
        '[tool.synapse] in pyproject.toml has no key "worker"; '
        "it knows entrypoint, name, python, workers, min-workers, max-workers, concurrency, max-queue, "
        "retries, timeout-ms, queue-timeout-ms, total-timeout-ms, idle-timeout-ms, start-timeout-ms, "
        "close-timeout-ms, grace-ms, recycle-calls, recycle-memory-bytes, recycle-age-ms, "
        "limit-memory-bytes, limit-address-space-bytes, limit-cpu-seconds, limit-open-files, "
        "limit-processes, limit-file-size-bytes, zygote, share-environment, groups, extras."
    )


def test_numbers_for_the_pool_may_stand_there_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.synapse]\nmin-workers = 0\nmax-workers = 8\ntimeout-ms = 30_000\n"
        "limit-memory-bytes = 2_000_000_000\nzygote = false\n"
    )
    assert read_project(tmp_path) == Project()
