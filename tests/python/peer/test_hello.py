"""A greeting that does not match ends in a sentence that says which side to upgrade."""

from __future__ import annotations

import pytest

from synapse_worker.peer.hello import check_hello, hello_body
from synapse_worker.protocol.errors import ProtocolError


def test_our_own_greeting_is_accepted_and_tells_the_frame_limit() -> None:
    assert check_hello(hello_body(1000)) == 1000


def test_another_magic_is_no_synapse_peer() -> None:
    with pytest.raises(ProtocolError, match="not a Synapse greeting"):
        check_hello({"magic": "http", "protocol": 1})


@pytest.mark.parametrize(
    ("protocol", "side"),
    [(2, "Upgrade synapse-worker at this end"), (0, "Upgrade synapse-worker at the other end")],
)
def test_another_version_names_the_side_to_upgrade(protocol: int, side: str) -> None:
    with pytest.raises(ProtocolError, match=side):
        check_hello({**hello_body(1000), "protocol": protocol, "runtime": "9.9.9"})


def test_missing_limits_mean_no_limit() -> None:
    body = hello_body(1000)
    del body["limits"]
    assert check_hello(body) is None
