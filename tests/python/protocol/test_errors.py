"""Errors: what they are, and that they cross the wire whatever they hold."""

from __future__ import annotations

import builtins
import pickle

import pytest

from synapse_worker.protocol.codec import decode_value, encode_value
from synapse_worker.protocol.errors import (
    DecodeError,
    EncodeError,
    FrameError,
    ProtocolError,
    PythonError,
    ResultError,
    SynapseError,
    ValidationError,
    error_from_wire,
    error_to_wire,
)


def raised(exc: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        if cause is None:
            raise exc
        raise exc from cause
    except BaseException as caught:
        return caught


def test_an_exception_becomes_a_map_with_all_fields():
    body = error_to_wire(raised(ZeroDivisionError("division by zero")))
    assert list(body) == [
        "code", "message", "type", "module", "bases", "traceback", "retryable", "details", "notes", "cause",
    ]  # fmt: skip
    assert body["code"] == "PYTHON_EXCEPTION"
    assert (body["type"], body["module"]) == ("ZeroDivisionError", "builtins")
    assert body["bases"] == ["ArithmeticError"]
    assert body["traceback"].startswith("Traceback (most recent call last):\n")
    assert body["traceback"].endswith("\nZeroDivisionError: division by zero\n")
    assert (body["retryable"], body["details"], body["notes"], body["cause"]) == (
        False,
        None,
        [],
        None,
    )


def test_an_exception_that_was_never_raised_has_no_traceback():
    assert error_to_wire(ValueError("x"))["traceback"] == ""


def test_our_own_error_keeps_code_and_details():
    body = error_to_wire(
        SynapseError("OUT_OF_STOCK", "none left", retryable=True, details={"n": 0})
    )
    assert (body["code"], body["retryable"], body["details"]) == ("OUT_OF_STOCK", True, {"n": 0})


def test_causes_come_along():
    first = raised(KeyError("k"))
    body = error_to_wire(raised(ValueError("v"), first))
    assert body["cause"]["type"] == "KeyError"
    assert "direct cause" in body["traceback"]
    assert "direct cause" not in body["cause"]["traceback"]


def test_the_context_counts_as_the_cause_unless_it_was_suppressed():
    error = raised(ValueError("v"))
    error.__context__ = raised(KeyError("k"))
    assert error_to_wire(error)["cause"]["type"] == "KeyError"
    error.__suppress_context__ = True
    assert error_to_wire(error)["cause"] is None


def test_a_circle_of_causes_ends():
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert error_to_wire(one)["cause"]["cause"] is None


def test_a_long_chain_of_causes_ends():
    error: BaseException = ValueError("0")
    for n in range(50):
        error = raised(ValueError(str(n)), error)
    depth, body = 0, error_to_wire(error)
    while body["cause"] is not None:
        depth, body = depth + 1, body["cause"]
    assert depth == 16


def test_leading_machinery_is_trimmed_and_a_fault_of_ours_is_not():
    def user() -> None:
        raise ValueError("v")

    def machinery() -> None:
        user()

    try:
        machinery()
    except ValueError as caught:
        whole = error_to_wire(caught, trim=lambda filename: False)["traceback"]
        own = error_to_wire(caught, trim=lambda filename: True)["traceback"]
    assert "in machinery" in whole
    assert own == whole
    namespace: dict[str, object] = {"user": user}
    exec(compile("def serve():\n    user()", "/machinery/serve.py", "exec"), namespace)
    try:
        namespace["serve"]()  # type: ignore[operator]
    except ValueError as caught:
        body = error_to_wire(caught, trim=lambda name: not name.endswith("test_errors.py"))
    assert "machinery" in body["traceback"]  # not leading: below a frame of the user's


def test_notes_come_along():
    error = ValueError("v")
    error.__notes__ = ["first", 2]  # type: ignore[attr-defined]
    assert error_to_wire(error)["notes"] == ["first", "2"]
    error.__notes__ = "no list"  # type: ignore[attr-defined]
    assert error_to_wire(error)["notes"] == []


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "error",
    [
        UnprintableError(),
        ValueError("\ud800"),
        ValueError("x" * 10**6),
        SystemExit(3),
        KeyboardInterrupt(),
        SynapseError("\udfff", "m"),
        BaseException(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_exception_can_be_encoded(error):
    body = decode_value(encode_value(error_to_wire(raised(error))))
    assert len(body["message"]) <= 65_536
    assert len(body["traceback"]) <= 65_536
    assert isinstance(error_from_wire(body), SynapseError)


def test_groups_show_their_members():
    group_type = getattr(builtins, "ExceptionGroup", None)
    if group_type is None:
        pytest.skip("ExceptionGroup came with Python 3.11")
    body = error_to_wire(raised(group_type("g", [ValueError("inner")])))
    assert "ValueError: inner" in body["traceback"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PYTHON_EXCEPTION", PythonError),
        ("ENCODE_FAILED", EncodeError),
        ("DECODE_FAILED", DecodeError),
        ("PROTOCOL_ERROR", ProtocolError),
        ("FRAME_TOO_LARGE", FrameError),
        ("FRAME_TRUNCATED", FrameError),
        ("FRAME_STALLED", FrameError),
        ("METHOD_NOT_FOUND", SynapseError),
    ],
)
def test_a_code_gives_the_class_that_a_caller_handles(code, kind):
    error = error_from_wire(
        {"code": code, "message": "m", "retryable": True, "details": {"path": "$.a"}}
    )
    assert type(error) is kind
    assert (error.code, error.message, str(error)) == (code, "m", "m")
    assert (error.retryable, error.details, error.cause) == (True, {"path": "$.a"}, None)


def test_an_error_of_user_code_comes_back_whole():
    original = raised(SynapseError("OUT_OF_STOCK", "none", details=[1]), raised(ValueError("v")))
    error = error_from_wire(decode_value(encode_value(error_to_wire(original))))
    assert isinstance(error, PythonError)
    assert (error.code, error.details, error.python_type) == ("OUT_OF_STOCK", [1], "SynapseError")
    assert isinstance(error.cause, PythonError)
    assert (error.cause.python_type, error.cause.message) == ("ValueError", "v")


@pytest.mark.parametrize(
    "body", [None, 1, "x", [], {}, {"code": 1}, {"cause": 3, "notes": 4}], ids=repr
)
def test_an_odd_map_gives_a_plain_error(body):
    error = error_from_wire(body)
    assert error.code == "INTERNAL"
    assert error.cause is None


def test_endless_causes_on_the_wire_end():
    body: dict[str, object] = {"code": "X", "message": "m"}
    body["cause"] = body
    error: BaseException | None = error_from_wire(body)
    depth = 0
    while isinstance(error, SynapseError) and error.cause is not None:
        depth, error = depth + 1, error.cause
    assert depth == 16


@pytest.mark.parametrize(
    "error",
    [
        SynapseError("X", "m", retryable=True, details=[1]),
        EncodeError("m", path="$.a"),
        DecodeError("m"),
        FrameError("m", code="FRAME_TRUNCATED"),
        ProtocolError("m"),
        PythonError("X", "m", python_type="T", traceback="tb", notes=("n",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (copy.__dict__, str(copy)) == (error.__dict__, "m")


def test_retryable_follows_the_code_unless_it_is_said():
    assert SynapseError("WORKER_EXITED", "m").retryable
    assert not SynapseError("INTERNAL", "m").retryable
    assert not SynapseError("WORKER_EXITED", "m", retryable=False).retryable


def test_an_exception_tells_its_ancestors_nearest_first():
    class OutOfStockError(LookupError):
        pass

    class GoneError(OutOfStockError, ValueError):
        pass

    body = error_to_wire(GoneError())
    name = OutOfStockError.__qualname__
    assert body["bases"] == [name, "LookupError", "ValueError"]
    there = error_from_wire(decode_value(encode_value(body)))
    assert isinstance(there, PythonError)
    assert there.bases == (name, "LookupError", "ValueError")
    assert error_to_wire(Exception())["bases"] == []


def test_what_is_wrong_with_an_argument_crosses_the_wire_in_parts():
    details = {
        "method": "quote",
        "parameter": "order",
        "path": "order.price",
        "expected": "float",
        "got": 'str "x"',
    }
    error = error_from_wire(
        decode_value(encode_value(error_to_wire(ValidationError("m", **details))))
    )
    assert isinstance(error, ValidationError)
    assert (error.code, error.message, error.details) == ("VALIDATION_FAILED", "m", details)
    assert {key: getattr(error, key) for key in details} == details
    assert pickle.loads(pickle.dumps(error)).path == "order.price"


def test_what_is_wrong_with_a_result_crosses_the_wire_in_parts():
    details = {"method": "quote", "path": "$.at", "expected": "datetime", "got": "None"}
    error = error_from_wire(error_to_wire(ResultError("m", **details)))
    assert isinstance(error, ResultError)
    assert (error.code, error.details) == ("RESULT_INVALID", details)


def test_odd_details_of_a_wrong_value_get_plain_defaults():
    error = error_from_wire({"code": "VALIDATION_FAILED", "details": {"path": 7, "got": "x"}})
    assert isinstance(error, ValidationError)
    assert (error.path, error.got, error.method) == ("$", "x", "")
