"""Plain calls: arguments, values, errors, progress, printing, and who the module thinks it is."""

import asyncio
import ctypes
import dataclasses
import datetime
import decimal
import enum
import logging
import math
import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time
import typing
import uuid

from synapse_worker import Module, current_context

app = Module()
state: dict[str, object] = {"setups": 0}
gates: dict[str, asyncio.Event] = {}
tally = {"started": 0, "finished": 0, "interrupted": 0}


class PriceError(Exception):
    """An error of the module's own."""


class Side(enum.Enum):
    BUY = "buy"


@dataclasses.dataclass
class Quote:
    symbol: str
    price: float


class Pair(typing.NamedTuple):
    left: int
    right: int


@app.setup
def prepare() -> None:
    """Count, so that a second run of the hook would show."""
    state["setups"] = int(str(state["setups"])) + 1


@app.teardown
def leave() -> None:
    """Leave a note for the test."""
    with pathlib.Path(__file__).with_name("teardown.txt").open("a") as notes:
        notes.write(f"{os.getpid()}\n")


@app.method
def add(a: int, b: int = 2, *, c: int = 3) -> int:
    """Add what is given."""
    return a + b + c


@app.method(name="renamed")
def some_other_name() -> str:
    """Answer under another name."""
    return "by its new name"


@app.method
def gather(*args: object, **kwargs: object) -> list[object]:
    """Give back what came."""
    return [list(args), kwargs]


@app.method
def subtract(a: typing.Any, b: typing.Any) -> typing.Any:
    """Take whatever comes, and find out too late what it is."""
    return a - b


@app.method
async def add_later(a: int, b: int, *, c: int = 0) -> int:
    """Add on the event loop."""
    await asyncio.sleep(0)
    return a + b + c


@app.method
def echo(value: object) -> object:
    """Give it back."""
    return value


@app.method
def describe(value: object) -> dict[str, object]:
    """Say what arrived in Python."""
    return {"type": type(value).__name__, "repr": repr(value)}


@app.method
def make(what: str) -> object:
    """Make a value that JavaScript has to receive."""
    utc = datetime.timezone.utc
    nested: object = 0
    for _ in range(100):
        nested = [nested]
    return {
        "2**63+1": 2**63 + 1,
        "2**64": 2**64,
        "2**70": 2**70,
        "-2**63": -(2**63),
        "-2**63-1": -(2**63) - 1,
        "2**53": 2**53,
        "2**53-1": 2**53 - 1,
        "10**300": 10**300,
        "nan": math.nan,
        "inf": math.inf,
        "-inf": -math.inf,
        "-0.0": -0.0,
        "1.0": 1.0,
        "none": None,
        "true": True,
        "datetime": datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=utc),
        "before 1970": datetime.datetime(1900, 1, 1, tzinfo=utc),
        "naive": datetime.datetime(2024, 2, 29, 12, 30, 15),
        "date": datetime.date(2024, 2, 29),
        "time": datetime.time(12, 30, 15),
        "timedelta": datetime.timedelta(days=1, seconds=5),
        "uuid": uuid.UUID(int=5),
        "decimal": decimal.Decimal("1.10"),
        "path": pathlib.PurePosixPath("/a/b"),
        "enum": Side.BUY,
        "set": {1},
        "tuple": (1, "two"),
        "dataclass": Quote("ACME", 1.5),
        "namedtuple": Pair(1, 2),
        "bytes": b"\x00\xff\x80",
        "empty bytes": b"",
        "bytearray": bytearray(b"ab"),
        "unicode": "🐍 naïve 日本語 \u0000 end",
        "proto": {"__proto__": {"polluted": True}, "constructor": 1, "toString": 2},
        "int keys": {1: "one", 2: "two"},
        "mixed keys": {1: "one", "two": 2},
        "deep": nested,
        "function": [1, {"inner": [print]}],
        "surrogate": "broken \ud800 half",
        "class": {"Thing": PriceError},
        "generator": (n for n in range(3)),
    }[what]


@app.method
def whoami() -> dict[str, object]:
    """Say what the process looks like from inside."""
    return {
        "name": __name__,
        "file": __file__,
        "quote_module": Quote.__module__,
        "pickled": pickle.loads(pickle.dumps(Quote("A", 1.0))) == Quote("A", 1.0),
        "in_sys_modules": sys.modules[__name__].__dict__ is globals(),
        "main_file": getattr(sys.modules["__main__"], "__file__", None),
        "argv": sys.argv,
        "path0": sys.path[0],
        "cwd": os.getcwd(),
        "pid": os.getpid(),
        "setups": state["setups"],
        "main_thread": threading.current_thread() is threading.main_thread(),
        "prefix": sys.prefix,
    }


@app.method
def variable(name: str) -> str | None:
    """Give an environment variable."""
    return os.environ.get(name)


@app.method
def pid() -> int:
    """Say who answers."""
    return os.getpid()


@app.method
async def wait_at(gate: str) -> str:
    """Wait until somebody opens the gate."""
    await gates.setdefault(gate, asyncio.Event()).wait()
    return gate


@app.method
async def open_gate(gate: str) -> bool:
    """Let the waiting one pass."""
    gates.setdefault(gate, asyncio.Event()).set()
    return True


@app.method
def steps(count: int) -> str:
    """Report progress before each step."""
    for step in range(count):
        current_context().progress({"step": step, "of": count})
    return "arrived"


@app.method
async def async_steps(count: int) -> str:
    """Report progress from the event loop."""
    for step in range(count):
        current_context().progress(step)
        await asyncio.sleep(0)
    return "arrived"


@app.method
def fail(message: str) -> None:
    """Raise the module's own error, caused by another."""
    try:
        {}["missing"]
    except KeyError as cause:
        raise PriceError(message) from cause


@app.method
async def fail_later(message: str) -> None:
    """Raise on the event loop."""
    await asyncio.sleep(0)
    raise PriceError(message)


@app.method
def raise_system_exit() -> None:
    """Try to end the worker by an exception."""
    sys.exit(9)


@app.method
def raise_keyboard_interrupt() -> None:
    """Try the other one."""
    raise KeyboardInterrupt


@app.method
def raise_strange() -> None:
    """Raise an exception that fights back when it is shown."""

    class Strange(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text for you")

        __repr__ = __str__

    raise Strange


@app.method
def recurse() -> None:
    """Overflow the stack of Python."""
    recurse()


@app.method
def print_lines(count: int) -> int:
    """Print."""
    for line in range(count):
        print("a line of output", line)
    return count


@app.method
def make_noise(text: str) -> str:
    """Write to fd 1 in every way there is."""
    print("print:", text)
    sys.stdout.write("write: " + text)
    sys.stdout.flush()
    os.write(1, f"os.write: {text}\n".encode())
    subprocess.run(["/bin/echo", "child:", text], check=True)
    libc = ctypes.CDLL(None)
    libc.printf(b"printf: %s\n", text.encode())
    libc.fflush(None)
    sys.__stdout__.write("__stdout__\n")
    sys.__stdout__.flush()
    return text


@app.method
def read_input() -> str:
    """Read standard input, in Python and in a child."""
    mine = sys.stdin.read()
    theirs = subprocess.run(["/bin/cat"], capture_output=True, check=True, timeout=20).stdout
    return repr((mine, theirs))


@app.method
def inherited_fds() -> list[str]:
    """List what a child process inherits."""
    found = subprocess.run(
        ["/bin/ls", "-l", "/proc/self/fd"], capture_output=True, check=True, text=True, close_fds=False
    )
    return found.stdout.splitlines()[1:]


@app.method
def log_something() -> None:
    """Use the standard library's logging."""
    logging.getLogger("pricing").warning("stock is %s", "low")


@app.method
def nap(seconds: float) -> str:
    """Sleep, and keep count of how it ended."""
    tally["started"] += 1
    try:
        time.sleep(seconds)
        tally["finished"] += 1
    except BaseException:
        tally["interrupted"] += 1
        raise
    return "rested"


@app.method
async def async_nap(seconds: float) -> str:
    """Sleep on the loop, and keep count."""
    tally["started"] += 1
    try:
        await asyncio.sleep(seconds)
        tally["finished"] += 1
    except BaseException:
        tally["interrupted"] += 1
        raise
    return "rested"


@app.method
def quick() -> str:
    """Do next to nothing, so that a cancel races its end."""
    return "quick"


@app.method
async def async_quick() -> str:
    """Do next to nothing on the loop."""
    return "quick"


@app.method
def counts() -> dict[str, int]:
    """Give the tally."""
    return dict(tally)
