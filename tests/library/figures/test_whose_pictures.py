"""A chapter's pictures are its own: its notebook draws them, and no other does."""

import json
import re

import pytest
from nbtools import NOTEBOOKS, ROOT

MODULES = sorted(p.stem for p in (ROOT / "gdl_utils/figures").glob("ch*.py"))


def imported():
    """The figures' modules that each notebook imports, by its number."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        found[path.name[:2]] = set(re.findall(r"gdl_utils\.figures\.(\w+)", code))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_after_the_only_chapter_that_draws_with_it(module):
    assert re.fullmatch(r"ch\d\d_[a-z_]+", module)
    assert [number for number, names in imported().items() if module in names] == [module[2:4]]
