"""What several tests of pictures need."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, with a graphics card in software."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is missing: install the package `chromium`.")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as play:
        engine = play.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield engine
        engine.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Open a figure's markup as a page on its own, in which nothing may go wrong."""
    problems, pages = [], []

    def opened(markup, **context):
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><body>{markup}</body>")
        page = browser.new_page(**context)
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert problems == []
