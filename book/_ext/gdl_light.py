"""What makes a page light: nothing is loaded that the page does not use, and nothing holds it up.

Scripts wait until the page is shown; MathJax comes with formulas only; the index of the search is
on the page of results only. Pictures that are far down, and the models of 3D views, are files of
their own that a browser fetches when they are wanted.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import shutil
import struct
from pathlib import Path

from sphinx.builders.html._assets import _JavaScript

UNUSED = ("scripts/fontawesome.js", "vendor/fontawesome", "sphinx-thebe.js", "sphinx-thebe.css")
IMAGE = re.compile(r"<img\b[^>]*>")
DATA = re.compile(r'\b(src|href)="data:image/(png|webp|jpeg);base64,([^"]+)"')
PICTURES = re.compile(r'<svg class="gdl-pictures"[^>]*>.*?</svg>', re.S)
MODEL = re.compile(r'<script type="application/gzip">([^<]+)</script>')
FOLDER = "_images"


def unplug_thebe(app, config=None) -> None:
    """Disconnect sphinx-thebe: it names a CDN and raises an error on notebook pages."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def words(file) -> str:
    return f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', {})}".lower()


def choose_scripts(app, pagename, templatename, context, doctree) -> None:
    """Keep the scripts that the page needs, and let each wait until the page is there."""
    formulas = 'class="math' in context.get("body", "")
    chosen = []
    for script in context.get("script_files", []):
        text = words(script)
        if "thebe" in text or (not formulas and re.search("mathjax|gdl_formulas", text)):
            continue
        if script.filename:
            attributes = {k: v for k, v in script.attributes.items() if k != "async"}
            attributes["defer"] = "defer"
            script = _JavaScript(script.filename, priority=script.priority, **attributes)
        elif "documentation_options" in text:
            continue  # settings of things that we do not use, in a script that would have to wait
        chosen.append(script)
    context["script_files"] = chosen


def lighten_body(app, pagename, templatename, context, doctree) -> None:
    """Take large data out of the page, and let pictures below the first one wait."""
    body = context.get("body")
    if not body:
        return
    up = "../" * pagename.count("/")

    def picture(match: re.Match) -> str:
        name = stored(app, base64.b64decode(match[3]), match[2])
        return f'{match[1]}="{up}{FOLDER}/{name}"'

    def model(match: re.Match) -> str:
        text = match[1].strip()
        key = digest(text.encode())
        script = f'(window.gdlModels = window.gdlModels || {{}})["{key}"] = "{text}";\n'
        name = stored(app, script.encode(), "js")
        where = f'data-key="{key}" data-src="{up}{FOLDER}/{name}"'
        return f'<script type="application/gzip" {where}></script>'

    seen = 0

    def image(match: re.Match) -> str:
        nonlocal seen
        seen += 1
        return patient(match[0], app, pagename, lazy=seen > 1)

    body = PICTURES.sub(waiting, MODEL.sub(model, DATA.sub(picture, body)))
    context["body"] = IMAGE.sub(image, body)


def waiting(pictures: re.Match) -> str:
    """Let a chart's pictures wait until it is near (``gdl.js``); without scripts they are there."""
    return f"<noscript>{pictures[0]}</noscript>" + pictures[0].replace(" href=", " data-href=")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def stored(app, data: bytes, ending: str) -> str:
    """Write a file that is named after what it holds; return its name."""
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(exist_ok=True)
    name = f"{digest(data)}.{ending}"
    if not (folder / name).exists():
        (folder / name).write_bytes(data)
    return name


def patient(tag: str, app, pagename: str, lazy: bool) -> str:
    """An image that says its size, so that nothing jumps, and that waits for being near."""
    more = ' loading="lazy"' if lazy and "loading=" not in tag else ""
    source = re.search(r'src="([^"]+)"', tag)
    if source and not re.search(r'\s(width|height)="|style="[^"]*(width|height)', tag):
        size = size_of(app, pagename, html.unescape(source[1]))
        more += f' width="{size[0]}" height="{size[1]}"' if size else ""
    return re.sub(r"\s*(/?)>$", rf"{more} decoding=\"async\"\1>", tag) if more else tag


def size_of(app, pagename: str, address: str) -> tuple[int, int] | None:
    """Width and height of a PNG in pixels."""
    name = address.rpartition("/")[2]
    known = {target: source for source, (_, target) in app.env.images.items()}
    for path in (Path(app.srcdir, known.get(name, "-")), Path(app.outdir, FOLDER, name)):
        if path.is_file() and path.suffix == ".png":
            return struct.unpack(">II", path.read_bytes()[16:24])
    return None


def drop_unused(app, exception) -> None:
    """Remove files that no page loads any more."""
    static = Path(app.outdir, "_static")
    for path in [*(static / name for name in UNUSED), *static.rglob("*.map")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def setup_light(app) -> None:
    app.connect("config-inited", unplug_thebe, priority=1)
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("html-page-context", lighten_body, priority=910)
    app.connect("build-finished", drop_unused, priority=900)
