"""The report in a real browser: it asks for nothing, complains of nothing, and fits the window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.test_figures import KEYS

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
    if not found:
        if os.environ.get("STEPPE_REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium on this machine, but STEPPE_REQUIRE_BROWSER=1")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


def visit(browser: Any, page: Path, width: int) -> tuple[Any, list[str], list[str]]:
    """Open the page; return it, the addresses that it asked for, and its complaints."""
    tab = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(page.as_uri(), wait_until="load")
    return tab, asked, complaints


@pytest.mark.parametrize("width", [1200, 400])
def test_page_stands_alone_and_fits(browser: Any, page: Path, width: int) -> None:
    tab, asked, complaints = visit(browser, page, width)
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert complaints == []
    assert tab.get_by_role("heading", level=1).count() == 1
    assert tab.get_by_role("heading", name="What this is not").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab.close()


def test_style_is_let_through_and_figures_have_their_size(browser: Any, page: Path) -> None:
    tab, _, _ = visit(browser, page, 1200)
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "1024px"
    sizes = tab.evaluate("[...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect().width)")
    assert len(sizes) == len(KEYS)
    assert all(600 < size < 1024 for size in sizes)
    tab.close()


def test_contents_lead_to_their_sections(browser: Any, page: Path) -> None:
    tab, _, _ = visit(browser, page, 1200)
    tab.get_by_role("link", name="Validation").click()
    assert tab.url.endswith("#validation")
    tab.close()


@pytest.mark.parametrize("width", [1200, 400])
def test_a_comparison_stands_alone_and_fits(browser: Any, comparison: Path, width: int) -> None:
    tab, asked, complaints = visit(browser, comparison, width)
    assert [url for url in asked if not url.startswith("data:")] == [comparison.as_uri()]
    assert complaints == []
    assert tab.get_by_role("heading", level=1).count() == 1
    assert tab.get_by_role("heading", name="What moves").count() == 2
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab.close()


def test_a_comparison_prints_on_its_pages(browser: Any, comparison: Path) -> None:
    tab, _, _ = visit(browser, comparison, 1200)
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 688, "height": 1000})
    assert not tab.get_by_role("heading", name="Contents").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than A4 within its margins"
    tall = tab.evaluate("[...document.querySelectorAll('figure')].map(f => f.getBoundingClientRect().height)")
    assert len(tall) == 2
    assert all(height < 1000 for height in tall), "a figure and its caption fit on one page"
    tab.close()
