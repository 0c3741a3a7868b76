"""Photograph pages of the built book, for people to look at.

    python tools/shots.py [book/index notebooks/05_grids ...]

Writes ``_build/shots/NAME_WIDTH_THEME_PART.png``, in parts of 4,000 pixels (above 16,384 Chromium
repeats itself); without arguments, of the landing page and chapters.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEIGHT = 4000
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Photograph pages of the built book.")
    parser.add_argument("pages", nargs="*", help="pages without .html; default: index and chapters")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "shots")
    parser.add_argument("--widths", type=int, nargs="+", default=[1280, 390])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is missing: install it (on Debian: apt install chromium).")
    chapters = sorted((args.html / "notebooks").glob("[0-9]*.html"))
    pages = args.pages or ["book/index", *(f"notebooks/{p.stem}" for p in chapters)]

    from playwright.sync_api import sync_playwright

    args.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for width in args.widths:
            for theme in args.themes:
                context = browser.new_context(
                    viewport={"width": width, "height": HEIGHT}, color_scheme=theme
                )
                page = context.new_page()
                for name in pages:
                    page.goto((args.html / f"{name}.html").resolve().as_uri())
                    page.wait_for_timeout(700)
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    for part in range(-(-tall // HEIGHT)):
                        page.evaluate(f"window.scrollTo(0, {part * HEIGHT})")
                        page.wait_for_timeout(150)
                        stem = f"{name.replace('/', '_')}_{width}_{theme}_{part}"
                        page.screenshot(path=args.out / f"{stem}.png")
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
