"""The public names of both packages. A change here is a change for users: CHANGELOG, docs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import synapse_worker
import synapse_worker.testing

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., str]

VALUES = [
    "CallCancelledError",
    "CallTimeoutError",
    "CircuitOpenError",
    "ClosedError",
    "DecodeError",
    "EncodeError",
    "EnvironmentError",
    "IntegerRangeError",
    "ModuleClient",
    "ModuleStartError",
    "NdArray",
    "ProtocolError",
    "PythonError",
    "QueueFullError",
    "ResultError",
    "ServiceFactory",
    "ServiceInstance",
    "StaleClientError",
    "Synapse",
    "SynapseError",
    "ValidationError",
    "WorkerExitedError",
    "connect",
    "connectModule",
    "method",
    "plainMethod",
    "plan",
    "toColumns",
    "toRows",
]
PLANS = [
    "any",
    "array",
    "bigint",
    "boolean",
    "bytes",
    "callback",
    "complex",
    "custom",
    "date",
    "integer",
    "lazy",
    "literal",
    "map",
    "nanoseconds",
    "ndarray",
    "none",
    "nullable",
    "number",
    "object",
    "openTuple",
    "optional",
    "record",
    "renamed",
    "service",
    "set",
    "stream",
    "string",
    "tagged",
    "tuple",
    "union",
]
TYPES = [
    "AbortSignalLike",
    "ArgumentMismatch",
    "ArrowTable",
    "CallClock",
    "CallClocks",
    "CallCounts",
    "CallError",
    "CallOptions",
    "CallPhases",
    "CallTimeout",
    "CircuitEvent",
    "CircuitState",
    "Client",
    "ClientEventName",
    "ClientEvents",
    "ClientListener",
    "ClientStats",
    "CloseOptions",
    "Codec",
    "Column",
    "Columns",
    "ConnectOptions",
    "DType",
    "DisposeOptions",
    "EnvironmentEvent",
    "ErrorCode",
    "ErrorSpec",
    "HistogramBucket",
    "HistogramStats",
    "LatencyStats",
    "LogRecord",
    "LogStream",
    "MethodDefinition",
    "MethodOptions",
    "MethodSpec",
    "MethodStats",
    "Mismatch",
    "ModuleClass",
    "ModuleConnectOptions",
    "ModuleSpec",
    "Plan",
    "RecycleEvent",
    "RecycleOptions",
    "RecycleReason",
    "ResourceLimits",
    "RestartOptions",
    "RetryEvent",
    "ServiceClass",
    "ServiceSpec",
    "SpawnOptions",
    "StaleClientDetails",
    "StalePolicy",
    "SynapseStream",
    "TimeoutEvent",
    "TraceContext",
    "TypedArray",
    "UnresponsiveEvent",
    "WatchdogOptions",
    "WorkerCount",
    "WorkerCounts",
    "WorkerEvent",
    "WorkerExitEvent",
    "WorkerExitReason",
    "WorkerState",
    "WorkerStatus",
    "ZygoteStatus",
]


def test_python_names() -> None:
    assert sorted(synapse_worker.__all__) == [
        "BigInt",
        "Context",
        "JavaScriptError",
        "Module",
        "Naive",
        "SynapseError",
        "__version__",
        "current_context",
        "to_columns",
        "to_rows",
    ]
    for name in synapse_worker.__all__:
        assert getattr(synapse_worker, name) is not None


def test_javascript_names_are_the_same_in_both_builds(project: Path, run: Run) -> None:
    script = project / "names.mjs"
    script.write_text(
        "import { createRequire } from 'node:module';\n"
        "import * as esm from 'synapse-worker';\n"
        "const cjs = createRequire(import.meta.url)('synapse-worker');\n"
        "console.log(JSON.stringify([Object.keys(esm).sort(), Object.keys(cjs).sort()]));\n"
    )
    esm, cjs = json.loads(run("node", script, cwd=project))
    assert esm == VALUES
    assert cjs == VALUES


def test_the_entry_points_are_these(project: Path) -> None:
    manifest = project / "node_modules" / "synapse-worker" / "package.json"
    exports = json.loads(manifest.read_text(encoding="utf-8"))["exports"]
    assert sorted(exports) == [".", "./package.json", "./plan", "./register", "./testing"]


def test_the_names_of_the_other_entry_points_are_the_same_in_both_builds(
    project: Path, run: Run
) -> None:
    script = project / "other-names.mjs"
    script.write_text(
        "import { createRequire } from 'node:module';\n"
        "const require = createRequire(import.meta.url);\n"
        "const names = [];\n"
        "for (const entry of ['synapse-worker/testing', 'synapse-worker/register']) {\n"
        "  names.push(Object.keys(await import(entry)), Object.keys(require(entry)));\n"
        "}\n"
        "console.log(JSON.stringify(names));\n"
    )
    assert json.loads(run("node", script, cwd=project)) == [["mockModule"], ["mockModule"], [], []]


def test_the_plans_are_the_same_from_either_entry_point_in_both_builds(
    project: Path, run: Run
) -> None:
    script = project / "plans.mjs"
    script.write_text(
        "import { createRequire } from 'node:module';\n"
        "import * as apart from 'synapse-worker/plan';\n"
        "import { plan } from 'synapse-worker';\n"
        "const require = createRequire(import.meta.url);\n"
        "const common = [require('synapse-worker').plan, require('synapse-worker/plan')];\n"
        "const same = ([one, other]) => Object.keys(one).every((name) => one[name] === other[name]);\n"
        "const names = [plan, apart, ...common].map((plans) => Object.keys(plans).sort());\n"
        "console.log(JSON.stringify([names, [[plan, apart], common].map(same)]));\n"
    )
    names, same = json.loads(run("node", script, cwd=project))
    assert names == [PLANS] * 4
    assert same == [True, True]


def test_the_names_of_the_python_test_kit() -> None:
    assert synapse_worker.testing.__all__ == ["InstanceTest", "ModuleTest"]


def test_typescript_names_are_the_values_and_these_types(project: Path) -> None:
    declared = project / "node_modules" / "synapse-worker" / "dist" / "esm" / "index.d.ts"
    lists = re.findall(r"export (type )?\{([^}]*)\}", declared.read_text(encoding="utf-8"))
    entries = [
        (bool(kind), entry.strip())
        for kind, names in lists
        for entry in names.split(",")
        if entry.strip()
    ]
    types = [
        entry.removeprefix("type ").strip()
        for is_type, entry in entries
        if is_type or entry.startswith("type ")
    ]
    assert sorted(types) == TYPES
    assert sorted(entry.removeprefix("type ") for _, entry in entries) == sorted(VALUES + TYPES)
