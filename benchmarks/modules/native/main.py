"""What there is to do as a native module without annotations: values travel as they are."""

import os
import time

from synapse_worker import Module

app = Module()
kept = {}


@app.method
def echo(value):
    return value


@app.method
def produce(count):
    yield from range(count)


@app.method
def consume(items):
    count = 0
    for _ in items:
        count += 1
    return count


@app.method
def fetch_records(count):
    if count not in kept:
        kept[count] = [
            {"id": i, "symbol": f"S{i % 1000}", "price": i / 8, "open": i % 2 == 0}
            for i in range(count)
        ]
    return kept[count]


@app.method
def fetch_columns(count):
    from synapse_worker import to_columns  # here, or every start of a worker would pay for it

    return to_columns(fetch_records(count))


@app.method
def send_columns(columns):
    from synapse_worker import to_rows

    return len(to_rows(columns))


@app.method
def kept_columns(count):
    """Columns that Python has anyway: only the other end makes records of them."""
    if ("columns", count) not in kept:
        kept["columns", count] = fetch_columns(count)
    return kept["columns", count]


@app.method
def keep_columns(columns):
    return len(columns["symbol"])


@app.method
def send_records(records):
    return len(records)


@app.method
def fetch_bytes(size):
    data = kept.get(("bytes", size))
    if data is None:
        data = kept["bytes", size] = bytes(size)
    return data


@app.method
def send_bytes(data):
    return len(data)


@app.method
def spin(rounds):
    total = 0
    for i in range(rounds):
        total += i & 3
    return total


@app.method
def rest(seconds):
    time.sleep(seconds)


@app.method
def pid():
    return os.getpid()
