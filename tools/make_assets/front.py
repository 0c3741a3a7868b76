"""Photograph what the landing page and its links show of the book: needs the built book.

    python tools/make_assets/front.py

writes ``book/_static/door_light.webp`` and ``door_dark.webp``, what the diagnosis page answers to
its first example, and ``social.png``, 1200 by 630 pixels, the picture that stands beside a link to
the book. Run it when the diagnosis or the book's title has changed.
"""

from __future__ import annotations

import base64
import html
import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"
PAGE = ROOT / "_build" / "html" / "book" / "diagnosis.html"
EXAMPLE = "A tall patient"
LIMIT = 30_000
TITLE, SENTENCE = "Geometric Deep Learning", "A course that proves itself."
CARDS = ("05_grids", "06_groups", "07_graphs", "08_geodesics", "09_gauges")
SOCIAL = """<style>
* { margin: 0; box-sizing: border-box; font-family: "DejaVu Sans", sans-serif; }
body { width: 1200px; height: 630px; padding: 70px 64px 0; background: #14181e; color: #fff; }
h1 { font-size: 68px; letter-spacing: -2px; }
p { font-size: 34px; margin-top: 18px; color: #b9c2cc; }
div { position: absolute; left: 64px; right: 64px; bottom: 70px; display: grid; gap: 16px; }
div { grid-template-columns: repeat(5, 1fr); }
img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #fff; border-radius: 14px; }
</style><h1>TITLE</h1><p>SENTENCE</p><div>IMAGES</div>"""


def door(browser: Any, theme: str) -> Image.Image:
    """The diagnoses that the page gives to its example."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page.goto(PAGE.as_uri())
    page.get_by_role("button", name=EXAMPLE).click()
    results = page.locator(".dx-results")
    results.locator("li").nth(3).wait_for()
    page.wait_for_timeout(800)
    last = results.locator("li li").nth(1).bounding_box()  # the second message of the first
    height = last["y"] + last["height"] - results.bounding_box()["y"]
    image = Image.open(io.BytesIO(results.screenshot())).convert("RGB")
    page.close()
    return image.crop((0, 0, image.width, round(height) + 4))


def social(browser: Any) -> bytes:
    """The picture beside a link: the title, a sentence, and a card of each of the five domains."""
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    cards = (
        base64.b64encode((STATIC / "cards" / f"{n}.webp").read_bytes()).decode() for n in CARDS
    )
    images = "".join(f'<img src="data:image/webp;base64,{card}">' for card in cards)
    text = SOCIAL.replace("TITLE", html.escape(TITLE)).replace("SENTENCE", html.escape(SENTENCE))
    page.set_content(text.replace("IMAGES", images))
    page.wait_for_timeout(300)
    png = page.screenshot()
    page.close()
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not PAGE.exists():
        sys.exit("This needs Chromium and the built book: run make book.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            file = STATIC / f"door_{theme}.webp"
            door(browser, theme).save(file, "WEBP", quality=80, method=6)
            if file.stat().st_size > LIMIT:
                sys.exit(f"{file.name} takes {file.stat().st_size:,} bytes, more than {LIMIT:,}")
        (STATIC / "social.png").write_bytes(social(browser))
        browser.close()


if __name__ == "__main__":
    main()
