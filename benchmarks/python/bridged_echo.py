"""What pythonia imports. A str result crosses by value; a dict would need a second round trip (`valueOf`)."""

import json


def echo(value: object) -> str:
    return json.dumps(value)
