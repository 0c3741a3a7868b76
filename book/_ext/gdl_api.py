"""``{api-modules}``: the reference of the library, read without torch, each thing once.

Docstrings are read as plain text with literals, as their authors wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from gdl_directive import ROOT, BookDirective
from standins import import_with_stand_ins

LITERAL = re.compile(r"(``.+?``(?!`))", re.S)


class ApiModules(BookDirective):
    """A section with ``automodule`` for each module named; all modules of a package."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        return [self.section(name) for name in self.names()]

    def names(self) -> Iterator[str]:
        for name in self.arguments[0].split():
            path = ROOT.joinpath(*name.split("."))
            if path.with_suffix(".py").exists():
                yield name
            modules = sorted(path.glob("*.py")) if path.is_dir() else []
            yield from (f"{name}.{p.stem}" for p in modules if not p.stem.startswith("_"))

    def section(self, name: str) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title("", "", nodes.literal("", name.removeprefix("gdl_utils.")))
        lines = ["```{eval-rst}", f".. automodule:: {name}", "```"]
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, section)
        return section


def soften(text: str) -> str:
    """Write reST that shows a text as it is: ``*grid`` is no emphasis, |G| is no substitution.

    Literals stay as they are; one that a letter follows, as in ``x``², is closed by an escaped
    space, as reST wants it. Examples (``>>>``) and what they print stay as well.
    """
    parts = LITERAL.split(text)
    for k in range(0, len(parts), 2):
        lines = parts[k].split("\n")
        plain, example = [], False
        for i, line in enumerate(lines):
            begun = i > 0 or k == 0  # else the line goes on after a literal
            example = (example or line.lstrip().startswith(">>>")) and bool(line.strip())
            plain.append(line if example and begun else escaped(line))
        parts[k] = "\n".join(plain)
        if k and re.match(r"[\w²³]", parts[k]):
            parts[k] = "\\ " + parts[k]
    return "".join(parts)


def escaped(line: str) -> str:
    return re.sub(r"(?<=[(\s])\*(?=\w+[,)])", r"\\*", line.replace("|", r"\|"))


def soften_docstring(app, what, name, obj, options, lines) -> None:
    lines[:] = soften("\n".join(lines)).split("\n")


def skip_alias(app, what, name, obj, skip, options) -> bool | None:
    """Document everything once: in the module that defines it."""
    home, here = getattr(obj, "__module__", ""), app.env.temp_data.get("autodoc:module")
    return True if what == "module" and home != here and _is_ours(home) else None


def _is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "gdl_utils"


def resolve_alias(app, env, node, contnode):
    """Find what ``gdl_utils`` re-exports: ``gdl_utils.audit``, or ``audit`` in any module."""
    name = node.get("reftarget", "").removeprefix("gdl_utils.")
    if node.get("refdomain") != "py" or "." in name:
        return None
    objects = env.get_domain("py").objects
    found = [full for full in objects if full.rpartition(".")[2] == name]
    if len(found) != 1:
        return None
    entry = objects[found[0]]
    uri = app.builder.get_relative_uri(node["refdoc"], entry.docname)
    return nodes.reference("", "", contnode, internal=True, refuri=f"{uri}#{entry.node_id}")


def read_library(app) -> None:
    """Import the library for the reference as it is read everywhere: without torch."""
    import_with_stand_ins(ROOT / "gdl_utils")


def setup_api(app) -> None:
    app.add_directive("api-modules", ApiModules)
    app.connect("autodoc-process-docstring", soften_docstring, priority=400)  # before numpydoc
    app.connect("autodoc-skip-member", skip_alias)
    app.connect("missing-reference", resolve_alias)
    app.connect("builder-inited", read_library)
