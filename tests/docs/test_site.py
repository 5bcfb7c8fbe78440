"""The site is built from the pages as they stand, leads everywhere, and asks no other host for anything."""

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

BUILD_TIMEOUT_SECONDS = 300

# Attributes by which a browser loads something on its own; the address of a link is not one.
LOADING = {"src", "srcset", "poster", "data", "action", "style"}


# Where the generator's theme would get the icons of social media from, of which we name none.
UNUSED = "url('https://api.iconify.design/simple-icons/"


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids.update({values[name] for name in ("id", "name") if name in values})
        if tag == "a" and "href" in values:
            self.links.add(values["href"])
        elif "href" in values:
            self.loads.add(values["href"])
        self.loads.update(values[name] for name in LOADING & values.keys())


@pytest.fixture(scope="module")
def site() -> Path:
    """Build the site with `make docs`, as a writer does."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        ["make", "docs"],
        cwd=root,
        capture_output=True,
        timeout=BUILD_TIMEOUT_SECONDS,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "docs/.site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page of the site by its path."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text()) for path in site.rglob("*.html")
    }


pytestmark = [pytest.mark.slow, pytest.mark.network]


def test_every_page_of_the_documentation_is_on_the_site(
    markdown: dict[str, str], pages: dict[str, Page]
) -> None:
    renamed = {"site/index": "index", "README": "contents", "decisions/README": "decisions/index"}
    names = [name[5:-3] for name in markdown if name.startswith("docs/")]
    assert {f"{renamed.get(name, name)}.html" for name in names} == pages.keys() - {"404.html"}


def test_every_link_and_every_fragment_resolves(pages: dict[str, Page]) -> None:
    dead = []
    for name, page in pages.items():
        for link in page.links:
            address, fragment = urldefrag(unquote(link))
            if "://" in address or address.startswith("data:"):
                continue
            target = resolve(name, address)
            known = target in pages and (not fragment or fragment in pages[target].ids)
            if not known and name != "404.html":
                dead.append(f"{name}: {link}")
    assert dead == []


def resolve(page: str, address: str) -> str:
    """Return the file that an address means on a page."""
    if address == "":
        return page
    path = Path("/" + page).parent / address
    parts: list[str] = []
    for part in path.parts[1:]:
        parts = parts[:-1] if part == ".." else [*parts, part]
    name = "/".join(parts)
    if address.endswith("/") or not name:
        return f"{name}/index.html".lstrip("/")
    return name if name.endswith(".html") else f"{name}.html"


def test_every_page_is_reached_from_the_landing_page(pages: dict[str, Page]) -> None:
    reached, ahead = {"404.html"}, ["index.html"]
    while ahead:
        name = ahead.pop()
        if name in reached or name not in pages:
            continue
        reached.add(name)
        local = [urldefrag(unquote(link)).url for link in pages[name].links if "://" not in link]
        ahead.extend(resolve(name, address) for address in local)
    assert pages.keys() - reached == set()


def test_nothing_is_loaded_from_another_host(site: Path, pages: dict[str, Page]) -> None:
    loads = {(name, address) for name, page in pages.items() for address in page.loads}
    assert {pair for pair in loads if re.search(r"(?:https?:)?//\w", pair[1])} == set()
    asked = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//|\bfetch\(["'`]https?:""")
    built = [path for kind in ("css", "js", "html") for path in site.rglob(f"*.{kind}")]
    texts = {path.name: path.read_text().replace(UNUSED, "") for path in built}
    assert [name for name, text in texts.items() if asked.search(text)] == []


def test_the_search_knows_every_page(site: Path, pages: dict[str, Page]) -> None:
    (index,) = site.glob("assets/chunks/@localSearchIndexroot.*.js")
    text = index.read_text()
    missing = [
        name
        for name in pages.keys() - {"404.html", "index.html"}
        if f'"/{name.removesuffix("index.html")}#' not in text
    ]
    assert missing == []


def test_diagrams_and_charts_are_drawn(site: Path) -> None:
    assert (site / "architecture.html").read_text().count('<figure class="diagram"') == 4
    charts = len(list((site.parent / "benchmarks").glob("*.svg")))
    assert (site / "benchmarks.html").read_text().count('<span class="chart"') == charts > 10
