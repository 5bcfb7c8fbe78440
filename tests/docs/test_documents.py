"""What the documents say about the repository is there: links lead somewhere, every error code is explained."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from synapse_worker.protocol.messages import Kind

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the fragment that each heading answers to, as GitHub forms it."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_relative_link_leads_to_a_file_and_a_heading(
    checkout: Path, markdown: dict[str, str]
) -> None:
    dead = []
    for name, text in markdown.items():
        for target, fragment in LINK.findall(FENCED.sub("", text)):
            if "://" in target:
                continue
            path = (checkout / name).parent / target
            known = path.exists()
            if known and fragment and path.suffix == ".md":
                known = fragment[1:] in anchors(path.read_text())
            if not known:
                dead.append(f"{name}: {target}{fragment}")
    assert dead == []


def test_every_decision_is_in_the_index(checkout: Path) -> None:
    folder = checkout / "docs/decisions"
    index = (folder / "README.md").read_text()
    assert [path.name for path in folder.glob("0*.md") if f"({path.name})" not in index] == []


def test_every_error_code_there_is_is_explained_and_no_other(checkout: Path) -> None:
    explained = re.findall(
        r"^### `([A-Z_]+)`$", (checkout / "docs/errors.md").read_text(), re.MULTILINE
    )
    source = (checkout / "js/src/core/protocol/error-classes.ts").read_text()
    (union,) = re.findall(r"^export type ErrorCode =(.*?);$", source, re.MULTILINE | re.DOTALL)
    assert sorted(explained) == sorted(re.findall(r"'([A-Z_]+)'", union))


def test_the_architecture_names_only_rooms_that_exist_and_every_python_one(checkout: Path) -> None:
    (table,) = re.findall(
        r"^\| room .*?\n\n",
        (checkout / "docs/architecture.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    named: dict[str, set[str]] = {"python_side/synapse_worker": set(), "js/src": set()}
    for row in table.strip().splitlines()[2:]:
        for wing, cell in zip(named, row.split("|")[2:4], strict=True):
            named[wing].update(re.findall(r"`([\w/]+/|[\w/]+\.ts)`", cell))
    for wing, rooms in named.items():
        assert [room for room in rooms if not (checkout / wing / room).exists()] == []
    python_rooms = (checkout / "python_side/synapse_worker").glob("*/__init__.py")
    assert {f"{path.parent.name}/" for path in python_rooms} == named["python_side/synapse_worker"]


def test_the_tables_list_exactly_the_options_of_connect(checkout: Path) -> None:
    listed = []
    for name, heading in (
        ("clients.md", r"Options of `connect\(\)`"),
        ("supervision.md", "Options"),
    ):
        text = (checkout / "docs" / name).read_text()
        (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        listed += re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
    offered = []
    for place, interface in (
        ("js/src/node/connect/options.ts", "ConnectOptions"),
        ("js/src/node/connect/pool-options.ts", "PoolOptionsOfClient"),
        ("js/src/core/client/client.ts", "CallClocks"),
    ):
        (members,) = re.findall(
            rf"^export interface {interface}\b[^{{]*\{{$(.*?)^\}}$",
            (checkout / place).read_text(),
            re.MULTILINE | re.DOTALL,
        )
        offered += re.findall(r"readonly (\w+)\?:", members)
    assert sorted(listed) == sorted(offered)


@pytest.mark.parametrize("word", ["TODO", "FIXME", "coming soon"])
def test_documents_leave_nothing_to_be_filled_in(markdown: dict[str, str], word: str) -> None:
    assert [name for name, text in markdown.items() if word in text] == []


def table_rows(text: str, *headings: str) -> list[list[str]]:
    """Return the cells of the one table whose first columns have these headings."""
    head = "".join(rf"\| +{heading} +" for heading in headings)
    (table,) = re.findall(rf"^{head}\|.*\n\|[- :|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]


def test_the_protocol_lists_exactly_the_kinds_of_messages(checkout: Path) -> None:
    rows = table_rows((checkout / "docs/protocol.md").read_text(), "kind", "name")
    assert {name: int(number) for number, name, *_ in rows} == dict(Kind.__members__)


def test_the_protocol_lists_exactly_the_error_codes_and_which_of_them_pass(checkout: Path) -> None:
    rows = table_rows((checkout / "docs/protocol.md").read_text(), "code", "means")
    listed = {
        code: retryable == "yes"
        for codes, _, retryable in rows
        for code in re.findall(r"`([A-Z_]+)`", codes)
    }
    source = (checkout / "js/src/core/protocol/error-classes.ts").read_text()
    (union,) = re.findall(r"^export type ErrorCode =(.*?);$", source, re.MULTILINE | re.DOTALL)
    (passing,) = re.findall(
        r"^const RETRYABLE_CODES\b.*?\[(.*?)\]", source, re.MULTILINE | re.DOTALL
    )
    assert sorted(listed) == sorted(re.findall(r"'([A-Z_]+)'", union))
    assert sorted(code for code, yes in listed.items() if yes) == sorted(
        re.findall(r"'([A-Z_]+)'", passing)
    )


def test_the_protocol_lists_every_event_that_a_worker_or_a_zygote_sends(checkout: Path) -> None:
    text = (checkout / "docs/protocol.md").read_text()
    sent = {
        event
        for path in (checkout / "python_side/synapse_worker/worker").rglob("*.py")
        for event in re.findall(r'control\.send\(\s*"(\w+)"', path.read_text())
    }
    assert len(sent) > 5
    assert sorted(event for event in sent if f'{{"event":"{event}"' not in text) == []


def test_the_command_line_lists_exactly_the_commands_there_are(checkout: Path) -> None:
    def offered(*words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "synapse_worker", *words, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        (section,) = re.findall(r"^  COMMAND\n((?:    .*\n)+)", done.stdout, re.MULTILINE)
        return [
            " ".join((*words, name)) for name in re.findall(r"^    (\w+)", section, re.MULTILINE)
        ]

    rows = table_rows((checkout / "docs/command-line.md").read_text(), "command", "what it does")
    listed = [re.findall(r"`synapse ([\w ]+)`", command)[0] for command, _ in rows]
    there = [name for name in offered() if name != "env"] + offered("env")
    assert sorted(listed) == sorted(there)
