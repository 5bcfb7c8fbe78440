"""What pythonia imports. A str result crosses by value; a dict would need a second round trip (`valueOf`)."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import work
from work import produce

__all__ = ["echo", "fetch_records", "produce", "send_records", "spin"]


def echo(value: object) -> str:
    return json.dumps(value)


def fetch_records(count: int) -> str:
    return json.dumps(work.fetch_records(count))


def send_records(records: list[object]) -> str:
    return json.dumps(work.send_records(records))


def spin(rounds: int) -> str:
    return json.dumps(work.spin(rounds))
