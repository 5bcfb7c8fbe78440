"""`synapse call` runs one function of a module and prints what it returned."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.network  # the codec comes from the index


def test_a_result_is_json_on_stdout_and_prints_go_to_stderr(
    synapse: Synapse, native_module: Path
) -> None:
    done = synapse("call", native_module, "add", "--args", "[1]", "--kwargs", '{"b": 2, "c": 3}')
    assert (done.returncode, done.stdout, done.stderr) == (0, "6\n", "adding\n")


def test_values_that_json_cannot_say_become_text(synapse: Synapse, native_module: Path) -> None:
    done = synapse("call", native_module, "values", "--json")
    assert json.loads(done.stdout) == {
        "bytes": "AP8=",
        "when": "2026-01-31T00:00:00+00:00",
        "nan": "nan",
        "big": 1180591620717411303424,
        "1": None,
    }


def test_a_generator_is_one_line_an_item_with_progress_beside(
    synapse: Synapse, native_module: Path
) -> None:
    done = synapse("call", native_module, "count", "--args", "[3]")
    assert done.stdout == "0\n1\n2\n"
    assert done.stderr.splitlines()[0] == 'progress {"at": 0}'


def test_insisting_on_a_stream_of_what_is_none_fails(synapse: Synapse, native_module: Path) -> None:
    done = synapse("call", native_module, "add", "--args", "[1]", "--stream", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "NOT_A_STREAM"


def test_an_exception_is_one_sentence_with_its_place(synapse: Synapse, native_module: Path) -> None:
    done = synapse("call", native_module, "fail")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("synapse: ValueError: no such luck (")
    assert "main.py, line 25, in fail)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in synapse("call", native_module, "fail", "--debug").stderr


def test_the_error_map_carries_the_traceback(synapse: Synapse, native_module: Path) -> None:
    error = json.loads(synapse("call", native_module, "fail", "--json").stdout)["error"]
    assert (error["code"], error["message"]) == ("PYTHON_EXCEPTION", "no such luck")
    assert (error["type"], error["module"]) == ("ValueError", "builtins")
    assert 'raise ValueError("no such luck")' in error["traceback"]


def test_with_json_a_stream_is_json_lines_and_its_error_the_last(
    synapse: Synapse, native_module: Path
) -> None:
    done = synapse("call", native_module, "sleepy", "--timeout-ms", "2000", "--json")
    item, last = (json.loads(line) for line in done.stdout.splitlines())
    assert (done.returncode, item, last["error"]["code"]) == (1, 1, "CALL_TIMEOUT")


@pytest.mark.parametrize("method", ["sleep", "sleepy"])
def test_a_timeout_stops_the_call(synapse: Synapse, native_module: Path, method: str) -> None:
    done = synapse("call", native_module, method, "--timeout-ms", "300", "--debug")
    assert done.returncode == 1
    assert f"'{method}' took longer than 300 ms." in done.stderr


def test_a_method_that_is_not_there_is_answered_with_those_that_are(
    synapse: Synapse, native_module: Path
) -> None:
    assert "count" in synapse("call", native_module, "cuont").stderr
    done = synapse("call", native_module)
    assert done.returncode == 2
    assert "\n  add(" in done.stderr
    assert "\n  stream count(" in done.stderr


def test_arguments_come_from_a_file_or_from_stdin_at_any_size(
    synapse: Synapse, native_module: Path, tmp_path: Path
) -> None:
    text = "x" * 300_000
    (tmp_path / "a.json").write_text(json.dumps([text, "y"]))
    done = synapse(
        "call", native_module, "add", "--args", f"@{tmp_path}/a.json", "--kwargs", '{"c": ""}'
    )
    assert done.stdout == f'"{text}y"\n'
    assert synapse("call", native_module, "add", "--args", "-", stdin="[4]").stdout == "5\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "--args", "nope"], "--args is not JSON"),
        (["add", "--args", '{"a": 1}'], "--args must be a JSON array"),
        (["add", "--kwargs", "[1]"], "--kwargs must be a JSON object"),
        (["add", "--args", "@gone.json"], '"gone.json" cannot be read'),
        (["add", "--timeout-ms", "-1"], '"-1" is no time: give milliseconds'),
        (["add", "--timeout-ms", "inf"], '"inf" is no time: give milliseconds'),
        (["add", "--start-timeout-ms", "soon"], '"soon" is no time: give milliseconds'),
        (["add", "--entrypoint", "gone"], "gone.py"),
    ],
)
def test_wrong_usage_says_what_to_do(
    synapse: Synapse, native_module: Path, arguments: list[str], said: str
) -> None:
    done = synapse("call", native_module, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_raw_module_gets_its_input_and_prints_its_reply(
    synapse: Synapse, raw_module: Path
) -> None:
    for method in ([], ["-"]):
        done = synapse("call", raw_module, *method, "--args", '{"value": 21}', "--json")
        assert (done.returncode, json.loads(done.stdout)) == (0, {"doubled": 42})


def test_a_raw_module_has_no_methods(synapse: Synapse, raw_module: Path) -> None:
    done = synapse("call", raw_module, "add", "--args", '{"value": 21}')
    assert done.returncode == 2
    assert "raw module" in done.stderr


def test_a_module_that_cannot_start_says_why(
    synapse: Synapse, native_module: Path, tmp_path: Path
) -> None:
    (native_module / "broken.py").write_text("import synapse_worker\nimport nothing_like_it\n")
    done = synapse("call", native_module, "add", "--entrypoint", "broken", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, "MODULE_START_FAILED")
    assert "nothing_like_it" in error["message"]


def test_a_module_that_never_finishes_loading_is_given_up(
    synapse: Synapse, native_module: Path
) -> None:
    (native_module / "endless.py").write_text("import synapse_worker, time\ntime.sleep(600)\n")
    done = synapse(
        "call", native_module, "add", "--entrypoint", "endless", "--start-timeout-ms", "300"
    )
    assert done.returncode == 1
    assert "endless.py was not ready within 300 ms." in done.stderr


def test_ctrl_c_ends_a_busy_call_at_once(
    native_module: Path, popen_synapse: Callable[..., subprocess.Popen[str]]
) -> None:
    process = popen_synapse("call", native_module, "sleepy")
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"  # now it sleeps for ten minutes
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    # Had it been the ladder that ended the worker, step by step, nothing would have been tidied up.
    assert (process.returncode, errors) == (130, "tidied up\nsynapse: interrupted\n")
