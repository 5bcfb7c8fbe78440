"""The tarball, installed into an empty project: every kind of caller, and the command."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "js" / "node_modules"
Run = Callable[..., str]

CALL = """
const main = async () => {
  const client = await connect('./pricing', { onLog: () => {} });
  const sum = await client.call('add', [1], { b: 2 });
  const items = [];
  for await (const item of client.stream('count', [3])) items.push(item);
  await client.close();
  console.log(JSON.stringify({ sum, items, synapse: typeof Synapse }));
};
main();
"""
EXPECTED = {"sum": 3, "items": [0, 1, 2], "synapse": "function"}

TYPED = """
import { connect, EnvironmentError, PythonError, Synapse, type CallOptions, type Client } from 'synapse-worker';

const options: CallOptions = { timeoutMs: 100, onProgress: (value: unknown) => void value };

export async function price(): Promise<number> {
  const client: Client = await connect('./pricing', { workers: 2, timeoutMs: 1000 });
  try {
    const total: number = await client.call<number>('add', [1], { b: 2 }, options);
    for await (const item of client.stream<number>('count', [3])) void item.toFixed();
    return total;
  } catch (error) {
    if (error instanceof EnvironmentError) throw new Error(error.hint ?? error.lines.join());
    if (error instanceof PythonError) throw new Error(error.traceback);
    throw error;
  } finally {
    await client.close();
  }
}

export async function dropIn(): Promise<{ sum: number }> {
  const manager = new Synapse();
  await manager.spawn('./pricing', 'main');
  const subscription = manager.instanceLogs.subscribe((line: string) => void line.length);
  const reply = await manager.call<{ sum: number }>({ a: 1 }, true);
  subscription.unsubscribe();
  await manager.dispose();
  return reply;
}

// @ts-expect-error a typo in an option is an error
export const wrong = () => connect('./pricing', { wokers: 2 });
"""


def test_an_es_module_calls_python(project: Path, module: Path, run: Run) -> None:
    script = project / "caller.mjs"
    script.write_text(f"import {{ connect, Synapse }} from 'synapse-worker';\n{CALL}")
    assert json.loads(run("node", script, cwd=module.parent)) == EXPECTED


def test_a_commonjs_script_calls_python(project: Path, module: Path, run: Run) -> None:
    script = project / "caller.cjs"
    script.write_text(f"const {{ connect, Synapse }} = require('synapse-worker');\n{CALL}")
    assert json.loads(run("node", script, cwd=module.parent)) == EXPECTED


def test_errors_of_both_builds_recognise_each_other(project: Path, run: Run) -> None:
    script = project / "brands.mjs"
    script.write_text(
        "import { createRequire } from 'node:module';\n"
        "import { SynapseError, ClosedError } from 'synapse-worker';\n"
        "const cjs = createRequire(import.meta.url)('synapse-worker');\n"
        "const error = new cjs.ClosedError('closed');\n"
        "console.log(error instanceof ClosedError, SynapseError.is(error), cjs.SynapseError.is(error));\n"
    )
    assert run("node", script, cwd=project).split() == ["false", "true", "true"]


@pytest.mark.parametrize("build", ["mjs", "cjs"])
def test_all_entry_points_share_the_classes_of_their_build(
    build: str, project: Path, run: Run
) -> None:
    load = "await import" if build == "mjs" else "require"
    script = project / f"shared.{build}"
    script.write_text(
        "const main = async () => {\n"
        f"  const {{ ModuleClient, SynapseError }} = {load}('synapse-worker');\n"
        f"  const {{ mockModule }} = {load}('synapse-worker/testing');\n"
        "  class Pricing extends ModuleClient {}\n"
        "  Pricing.$spec = { module: 'pricing', directory: 'pricing', schemaHash: '', methods: {}, errors: {} };\n"
        "  const error = await mockModule(Pricing).$client.call('quote').catch((error) => error);\n"
        "  console.log(ModuleClient.name, error.code, error instanceof SynapseError);\n"
        "};\n"
        "main();\n"
    )
    assert run("node", script, cwd=project).split() == ["ModuleClient", "METHOD_NOT_FOUND", "true"]


@pytest.mark.parametrize("build", ["mjs", "cjs"])
def test_what_is_exported_has_the_name_it_is_exported_by(
    build: str, project: Path, run: Run
) -> None:
    load = "await import" if build == "mjs" else "require"
    script = project / f"names.{build}"
    script.write_text(
        "const main = async () => {\n"
        f"  const all = Object.entries({load}('synapse-worker'));\n"
        "  const named = all.filter(([, value]) => typeof value === 'function');\n"
        "  const others = named.filter(([name, value]) => value.name !== name);\n"
        "  console.log(named.length > 20, JSON.stringify(others.map(([name, value]) => [name, value.name])));\n"
        "};\n"
        "main();\n"
    )
    assert run("node", script, cwd=project).split() == ["true", "[]"]


def test_rxjs_is_loaded_when_its_only_user_is_made(project: Path, run: Run) -> None:
    script = project / "lazy.cjs"
    script.write_text(
        "const { Synapse } = require('synapse-worker');\n"
        "const loaded = () => Object.keys(require.cache).some((file) => file.includes('rxjs/dist'));\n"
        "const before = loaded();\n"
        "const { instanceLogs } = new Synapse();\n"
        "console.log(before, loaded(), instanceLogs instanceof require('rxjs').Observable);\n"
    )
    assert run("node", script, cwd=project).split() == ["false", "true", "true"]


@pytest.mark.parametrize("kind", ["module", "commonjs"])
@pytest.mark.parametrize("libraries", ["with-dom", "with-node-types"])
@pytest.mark.parametrize("compiler", ["5.4", "5.9", "7"])
def test_a_strict_typescript_caller_compiles(
    kind: str,
    libraries: str,
    compiler: str,
    project: Path,
    run: Run,
) -> None:
    folder = project / f"typed-{compiler}-{kind}-{libraries}"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"type": kind}))
    (folder / "caller.ts").write_text(TYPED)
    options: dict[str, object] = {
        "module": "NodeNext",
        "target": "ES2022",
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "skipLibCheck": False,
        "noEmit": True,
        "types": [],
    }
    if libraries == "with-node-types":
        options |= {
            "lib": ["ES2022"],
            "types": ["node"],
            "typeRoots": [str(NODE_MODULES / "@types")],
        }
    config = {"compilerOptions": options, "include": ["caller.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    typescript = (
        NODE_MODULES / "typescript"
        if compiler == "7"
        else ROOT / "tests" / "compilers" / "node_modules" / f"typescript-{compiler}"
    )
    run("node", typescript / "bin" / "tsc", "-p", folder, cwd=folder)


def test_the_example_that_imports_python_builds_and_runs_from_the_package_alone(
    project: Path, run: Run
) -> None:
    folder = project / "import-python"
    shutil.copytree(
        ROOT / "examples" / "import-python",
        folder,
        ignore=shutil.ignore_patterns("node_modules", "dist", ".venv", "__pycache__"),
    )
    build = json.loads((folder / "package.json").read_text())["scripts"]["build"]
    assert build == "tsc"
    run("node", NODE_MODULES / "typescript" / "bin" / "tsc", cwd=folder)
    said = run("node", "--import", "synapse-worker/register", "dist/app.js", cwd=folder)
    assert re.search(r"^ACME costs \d+\.\d\d, 3 deep$", said, re.MULTILINE)


def test_the_command_runs_from_the_package_alone(project: Path, run: Run) -> None:
    version = json.loads((ROOT / "js" / "package.json").read_text(encoding="utf-8"))["version"]
    assert version in run("npx", "--no-install", "synapse", "--version", cwd=project)


def test_the_command_calls_a_module_and_passes_its_exit_code_on(
    project: Path, module: Path, run: Run
) -> None:
    arguments = ("--no-install", "synapse", "call", "pricing", "add", "--args", "[20, 22]")
    assert run("npx", *arguments, cwd=module.parent).strip() == "42"
    with pytest.raises(AssertionError, match="failed"):
        run("npx", "--no-install", "synapse", "call", "pricing", "no_such_method", cwd=project)


def test_the_command_writes_a_project_from_its_templates(project: Path, run: Run) -> None:
    run("npx", "--no-install", "synapse", "init", "fresh", cwd=project)
    made = {path.name for path in (project / "fresh").iterdir()}
    assert {"main.py", "requirements.txt", "package.json", ".gitignore"} <= made


def test_publint_finds_nothing(tarball: Path, run: Run) -> None:
    cli = NODE_MODULES / "publint" / "src" / "cli.js"
    assert "All good" in run("node", cli, "run", tarball, "--strict", cwd=tarball.parent)


def test_are_the_types_wrong_says_no(tarball: Path, run: Run) -> None:
    cli = NODE_MODULES / "@arethetypeswrong" / "cli" / "dist" / "index.js"
    report = run("node", cli, tarball, "--format", "json", cwd=tarball.parent)
    assert json.loads(re.sub(r"^[^{]*", "", report)).get("problems", {}) == {}
