"""Open chapters in JupyterLab, run them from its menu, and use their figures as a reader would.

    python tools/check_lab.py ENVIRONMENT [notebooks/05_grids.ipynb ...]

``ENVIRONMENT`` has JupyterLab and the library (``make lab-check`` makes it); this script itself
needs playwright and Chromium. The chapters are copied, so that nothing is saved into the originals.
Each is opened as it comes, untrusted; then *Run All Cells* is chosen, and every live figure must
answer to an arrow key, in the light theme, and in the dark one after the chapter was saved and
opened again. Every 3D view must keep its picture and say so where its viewer cannot be fetched, as
first here, and open where it can. Prints what was seen; exits with 1 if a chapter fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VIEWER = ROOT / "book" / "_static" / "model-viewer" / "model-viewer-umd.min.js"
CHAPTERS = ("05_grids", "08_geodesics")
THEMES = ("JupyterLab Light", "JupyterLab Dark")
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
LIMIT = 1_800_000  # milliseconds for a chapter

STATE = """() => {
  const widget = window.jupyterapp.shell.currentWidget, cells = [...widget.content.model.cells];
  const code = cells.filter(c => c.type === 'code').map(c => c.toJSON());
  const outputs = code.flatMap(c => c.outputs);
  return {
    trusted: widget.content.model.cells.length && cells.every(c => c.trusted || c.type !== 'code'),
    cells: code.filter(c => [c.source].flat().join('').trim()).length,
    run: code.filter(c => c.execution_count !== null).length,
    errors: outputs.filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue),
  };
}"""
FORGET = """() => {
  for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells)
    if (cell.type === 'code') cell.executionCount = null;  // stored ones say nothing of this run
}"""
WITH_FIGURE = """kind => {
  const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
  const begins = out => [out.data?.['text/html'] || ''].flat().join('').startsWith(kind);
  return cells.flatMap((c, i) => (c.toJSON().outputs || []).some(begins) ? [i] : []);
}"""
SHOW = """async i => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = i;
  await notebook.scrollToItem(i, 'start');
}"""
ORBIT = "viewer => viewer.getCameraOrbit().toString()"
INK = """figure => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
  };
  let ground = figure;
  const paper = e => getComputedStyle(e).backgroundColor;
  while (ground && /, 0\\)|transparent/.test(paper(ground))) ground = ground.parentElement;
  return [light(getComputedStyle(figure).color), ground ? light(paper(ground)) : 1];
}"""


@contextmanager
def lab(environment: Path, folder: Path) -> Iterator[str]:
    """JupyterLab over a folder, with settings of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {name: str(folder.parent / name) for name in ("config", "data", "runtime", "ipython")}
    env = os.environ | {"OMP_NUM_THREADS": "1", "IPYTHONDIR": own["ipython"]}
    env |= {f"JUPYTER_{k.upper()}_DIR": v for k, v in own.items() if k != "ipython"}
    line = [str(environment / "bin" / "python"), "-m", "jupyterlab", "--no-browser", "--allow-root"]
    line += [f"--ServerApp.root_dir={folder}"]
    line += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    line += ["--IdentityProvider.token=", "--expose-app-in-browser"]
    line += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    quiet = folder.parent / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    env["JUPYTERLAB_SETTINGS_DIR"] = str(folder.parent / "settings")
    log = (folder.parent / "lab.log").open("w")
    server = subprocess.Popen(line, env=env, stdout=log, stderr=log)
    try:
        wait_for(port, server, Path(log.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def wait_for(port: int, server: subprocess.Popen, log: Path) -> None:
    """Return when the server answers; a RuntimeError shows the log's end if it does not."""
    for _ in range(240):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.25)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class Chapter:
    """One chapter in one browser page."""

    def __init__(self, page: Any, name: str) -> None:
        self.page, self.name = page, name
        self.problems: list[str] = []
        self.reachable = False  # whether the 3D viewer's address answers
        page.on("pageerror", lambda e: self.problems.append(f"script: {str(e)[:200]}"))
        page.route("**/*model-viewer*", self.answer)

    def answer(self, route: Any) -> None:
        """Stand in for the host that the 3D viewer comes from."""
        if self.reachable:
            route.fulfill(path=VIEWER, content_type="text/javascript")
        else:
            route.abort()

    def say(self, text: str) -> None:
        sys.stdout.write(f"{self.name}: {text}\n")
        sys.stdout.flush()

    def need(self, holds: bool, text: str) -> None:
        if not holds:
            self.problems.append(text)
            self.say(f"FAILS: {text}")

    def state(self) -> dict[str, Any]:
        return self.page.evaluate(STATE)

    def open(self, address: str) -> None:
        self.page.goto(f"{address}/lab/tree/{self.name}.ipynb?reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
            "?.status === 'idle'",
            timeout=60_000,
        )

    def figures(self, kind: str) -> Iterator[Any]:
        """Each figure of a kind, scrolled into view."""
        for i in self.page.evaluate(WITH_FIGURE, f'<figure class="{kind}"'):
            self.page.evaluate(SHOW, i)
            cell = self.page.locator(f".jp-Cell[data-windowed-list-index='{i}']")
            yield cell.locator(f"figure.{kind}").first, cell

    def untrusted(self) -> None:
        """What stands there before anything is trusted."""
        self.need(not self.state()["trusted"], "the copy is trusted already")
        for kind in ("gdl-live", "gdl-mesh3d"):
            for figure, cell in self.figures(kind):
                cell.locator("img").first.wait_for(timeout=20_000)
                pictures, controls = cell.locator("img").count(), figure.locator("input").count()
                self.say(f"untrusted, {kind}: {pictures} picture, {controls} controls")

    def run_all(self) -> None:
        page = self.page
        page.evaluate(FORGET)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
        started = time.monotonic()
        done = f"() => {{ const s = ({STATE})(); return s.errors.length || s.run >= s.cells; }}"
        page.wait_for_function(done, timeout=LIMIT, polling=1000)
        state, seconds = self.state(), time.monotonic() - started
        self.need(not state["errors"], f"errors: {state['errors']}")
        self.need(state["run"] >= state["cells"], f"{state['run']} of {state['cells']} cells ran")
        self.say(f"{state['run']} cells ran in {seconds:.0f} s, trusted {state['trusted']}")

    def reopen(self, address: str) -> None:
        """Save, and open what was saved: it is trusted, and its figures work without a run."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        self.open(address)
        self.need(self.state()["trusted"], "what was run and saved is not trusted")

    def theme(self, name: str) -> None:
        self.page.evaluate(
            "n => window.jupyterapp.commands.execute('apputils:change-theme', {theme: n})", name
        )
        self.page.wait_for_function(
            "d => document.body.dataset.jpThemeLight === d", arg=str(name.endswith("Light")).lower()
        )
        self.page.wait_for_timeout(500)

    def look(self, theme: str, shots: Path) -> None:
        """Use every figure in one theme."""
        self.theme(theme)
        dark = theme.endswith("Dark")
        tag = f"{self.name}_{'dark' if dark else 'light'}"
        for k, (figure, _) in enumerate(self.figures("gdl-live")):
            self.live(figure, dark, shots / f"{tag}_live{k}.png")
        for k, (figure, _) in enumerate(self.figures("gdl-mesh3d")):
            self.view(figure, dark, shots / f"{tag}_view{k}.png")

    def live(self, figure: Any, dark: bool, shot: Path) -> None:
        title = figure.get_attribute("aria-label", timeout=20_000)
        figure.locator(".gdl-live-app:not([hidden])").wait_for(timeout=20_000)
        panels = figure.locator(".gdl-live-panels")
        control = figure.locator("input[type=range], input[type=radio]:checked").last
        control.focus()
        before = panels.inner_html()
        self.page.keyboard.press("ArrowRight")
        self.page.wait_for_timeout(300)
        if panels.inner_html() == before:
            self.page.keyboard.press("ArrowLeft")
            self.page.wait_for_timeout(300)
        self.need(panels.inner_html() != before, f"“{title}” does not answer to arrow keys")
        self.legible(figure, dark, title)
        figure.screenshot(path=shot)
        self.say(f"{'dark' if dark else 'light'}: “{title}” answers")

    def view(self, figure: Any, dark: bool, shot: Path) -> None:
        title = figure.get_attribute("aria-label", timeout=20_000)
        button = figure.locator("button")
        self.reachable = dark  # in the light theme nothing can be fetched, in the dark it can
        button.focus()
        self.page.keyboard.press("Enter")
        if self.reachable:
            viewer = figure.locator("model-viewer")
            viewer.wait_for(timeout=30_000)
            handle = viewer.element_handle()
            self.page.wait_for_function("v => v.loaded", arg=handle, timeout=30_000)
            for _ in range(60):  # until the viewer has faded in
                if viewer.evaluate("v => v === document.activeElement"):
                    break
                self.page.wait_for_timeout(500)
            else:
                here = self.page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
                self.need(False, f"“{title}” has lost the keyboard's place to {here}")
            orbit, turned = viewer.evaluate(ORBIT), False
            self.page.keyboard.press("ArrowRight")
            for _ in range(20):
                self.page.wait_for_timeout(500)
                turned = turned or viewer.evaluate(ORBIT) != orbit
            self.need(turned, f"“{title}” does not turn by an arrow key")
            self.say(f"“{title}” opens in 3D, and turns: {turned}")
        else:
            figure.get_by_text("could not be loaded").wait_for(timeout=20_000)
            self.need(figure.locator("img").is_visible(), f"“{title}” loses its picture")
            self.say(f"“{title}” keeps its picture, and says that the viewer could not be loaded")
        self.legible(figure, dark, title)
        figure.screenshot(path=shot)

    def legible(self, figure: Any, dark: bool, title: str) -> None:
        ink, ground = figure.evaluate(INK)
        good = ground < 0.3 and ink > 0.55 if dark else ground > 0.8 and ink < 0.35
        self.need(
            good, f"“{title}”: ink {ink:.2f} on {ground:.2f} in the {'dark' if dark else 'light'}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Read chapters in JupyterLab, by a browser.")
    parser.add_argument("environment", type=Path)
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--shots", type=Path, default=ROOT / "_build" / "lab")
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is missing: install it (on Debian: apt install chromium).")
    notebooks = args.notebooks or [ROOT / "notebooks" / f"{name}.ipynb" for name in CHAPTERS]
    from playwright.sync_api import sync_playwright

    args.shots.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place) / "chapters"
        folder.mkdir()
        for path in notebooks:
            shutil.copy(path, folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with lab(args.environment.absolute(), folder) as address:
            for path in notebooks:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                chapter = Chapter(page, path.stem)
                chapter.open(address)
                chapter.untrusted()
                page.screenshot(path=args.shots / f"{path.stem}_untrusted.png")
                chapter.run_all()
                chapter.look(THEMES[0], args.shots)
                chapter.reopen(address)
                chapter.look(THEMES[1], args.shots)
                problems += [f"{path.stem}: {text}" for text in chapter.problems]
                page.close()
        browser.close()
    sys.stdout.write(json.dumps(problems, indent=1, ensure_ascii=False) + "\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
