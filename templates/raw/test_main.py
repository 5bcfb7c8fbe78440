"""The function behind the loop is tested without Node or a worker."""

import main


def test_a_value_is_doubled():
    assert main.answer({"value": 21}) == {"doubled": 42}


def test_a_request_without_a_value_is_answered_with_an_error():
    assert main.answer({}) == {"error": "a request needs a value"}
