"""``{data-set} load_x load_y``: what the catalogue of data can find out by itself.

Which module reads a data set, which chapters use it, and, with ``:assets: NAME ...`` and
``:script: SCRIPT``, how large its files are and whether each has its licence notice and its script.
Whatever is missing is an error of the build.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from gdl_directive import ROOT, BookDirective, chapters

DATA = ROOT / "gdl_utils" / "data"


def module_of(function: str, folder: Path = DATA) -> str:
    """The module of ``gdl_utils.data`` that defines a function; a dotted name is its own."""
    if "." in function:
        return function.rpartition(".")[0]
    for path in sorted(folder.glob("*.py")):
        if re.search(rf"(?m)^def {function}\(", path.read_text(encoding="utf-8")):
            return f"gdl_utils.data.{path.stem}"
    raise ValueError(f"no module of gdl_utils.data defines {function}")


def assets(names: list[str], script: str, root: Path = ROOT) -> list[str]:
    """For each asset a few words on its size; its notice and its script must be there."""
    said = []
    for name in names:
        path = root / "gdl_utils" / "data" / "assets" / f"{name}.npz"
        for needed in (path, path.with_suffix(".LICENSE.txt"), root / "tools/make_assets" / script):
            if not needed.is_file():
                raise ValueError(f"{needed.relative_to(root)} is missing")
        said.append(f"`{path.name}` ({path.stat().st_size / 1000:.0f} kB)")
    return said


def uses(notebook: Path, functions: list[str]) -> bool:
    """Whether a code cell of the notebook names one of the functions."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return any(re.search(rf"\b{f.rpartition('.')[2]}\b", code) for f in functions)


class DataSet(BookDirective):
    """A list: read with, ships as, used in."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"assets": directives.unchanged, "script": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        functions = self.arguments[0].split()
        try:
            homes = [f"`{module_of(f)}.{f.rpartition('.')[2]}`" for f in functions]
            names = self.options.get("assets", "").split()
            files = assets(names, self.options.get("script", "none"))
        except ValueError as error:
            raise self.error(str(error)) from error
        items = [self.paragraph(f"**Read with** {', '.join(homes)}")]
        if files:
            script = f"`tools/make_assets/{self.options['script']}`"
            notices = "its licence notice stands" if len(files) == 1 else "licence notices stand"
            items.append(
                self.paragraph(f"**Ships as** {', '.join(files)}, made by {script}; {notices} "
                               "beside the data in `gdl_utils/data/assets/`")
            )  # fmt: skip
        items.append(self.used(functions))
        drawn = nodes.bullet_list()
        drawn += [nodes.list_item("", item) for item in items]
        return [drawn]

    def used(self, functions: list[str]) -> nodes.paragraph:
        found = [(d, p) for d, p in chapters(self.env) if uses(p, functions)]
        for _, path in found:
            self.env.note_dependency(str(path))
        text = self.paragraph("**Used in** " + ("" if found else "no chapter yet"))
        for k, (docname, path) in enumerate(found):
            text += nodes.Text(", " if k else ("chapter " if len(found) == 1 else "chapters "))
            text += self.link(str(int(path.name[:2])), docname)
        return text
