"""One browser for all tests of the built book, and a server that nothing else can reach."""

import functools
import http.server
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a browser that leaves a page drops its connections


@pytest.fixture(scope="session")
def site():
    """Address of the built book."""
    if not (HTML / "book" / "index.html").exists():
        pytest.skip("there is no book yet: run make book")
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(HTML)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, started once."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is missing: install it (on Debian: apt install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Reader:
    """A page of the browser, and what it complained about or asked of other hosts."""

    page: object
    site: str
    errors: list = field(default_factory=list)
    outside: list = field(default_factory=list)

    def open(self, address):
        """Load a page of the book until its formulas are set."""
        self.errors.clear()
        self.outside.clear()
        self.page.goto(f"{self.site}/{address}")
        self.page.evaluate(
            "() => window.gdlFormulas"
            " && gdlFormulas().then(() => new Promise(requestAnimationFrame))"
        )
        return self.page

    def theme(self, name):
        self.page.emulate_media(color_scheme=name, reduced_motion="reduce")
        if self.page.url.startswith(self.site):
            self.page.wait_for_function(f"document.documentElement.dataset.theme === '{name}'")
            self.page.wait_for_timeout(100)

    def clean(self):
        assert self.outside == []
        assert self.errors == []


@pytest.fixture(scope="session")
def readers(chromium, site):
    """A reader for each width, made once: ``readers(390)``."""
    made = {}

    def reader(width):
        if width in made:
            return made[width]
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            color_scheme="light",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        found = made[width] = Reader(page, site)
        page.on("console", lambda m: m.type == "error" and found.errors.append(m.text))
        page.on("pageerror", lambda error: found.errors.append(str(error)))

        def answer(route):
            found.outside.append(route.request.url)
            route.abort()

        context.route(lambda url: not url.startswith((site, "data:", "blob:", "file:")), answer)
        return found

    yield reader
    for found in made.values():
        found.page.context.close()


@pytest.fixture
def desk(readers):
    """A reader at a desk: 1280 pixels wide, light."""
    found = readers(1280)
    found.theme("light")
    return found
