"""The reference is made without torch: stand-ins must bear whatever the library does at import."""

import inspect
import json
import subprocess
import sys

import pytest
from nbtools import ROOT

HTML = ROOT / "_build/html"
EXTENSION = ROOT / "book/_ext"


def bare(code, *arguments):
    """Run code in a Python that sees the standard library only, and return what it printed."""
    start = f"import sys; sys.path.insert(0, {str(EXTENSION)!r}); import pathlib, standins\n"
    start += "sys.path.insert(0, str(pathlib.Path(sys.argv[1]).parent))\n"
    command = [sys.executable, "-I", "-S", "-c", start + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


IMPORT = "print(*standins.import_with_stand_ins(pathlib.Path(sys.argv[1])))\n"


def test_the_whole_library_can_be_imported_with_nothing_installed():
    names = bare(IMPORT, ROOT / "gdl_utils").split()
    files = [p for p in (ROOT / "gdl_utils").rglob("*.py")]
    assert len(names) == len(files) == len(set(names))
    assert "gdl_utils.gauges.layers" in names


AWKWARD = {
    "alias": "Sources = int | Sequence[int] | Int[Tensor, ' S'] | None",
    "alias of arrays": "A = Float[np.ndarray, 'n 3'] | Float[Tensor, 'n 3']\n"
    "B = Tensor | np.ndarray",
    "callable": "F = Callable[[Float[Tensor, 'n']], Tensor | None]\nG = dict[str, Tensor]",
    "optional": "import typing\nO = typing.Optional[Int[Tensor, '2 e']]\nU = typing.Union[int, O]",
    "alias of a layer": "class L(nn.Module): pass\nX = L | nn.Linear\nY = tuple[L, L]",
    "generic": "import typing\nT = typing.TypeVar('T', bound=nn.Module)\n"
    "class L(nn.Module, typing.Generic[T]): pass\nX = L[int]",
    "abstract": "import abc\nclass L(nn.Module, abc.ABC):\n  @abc.abstractmethod\n"
    "  def f(self): ...",
    "protocol": "import typing\n@typing.runtime_checkable\nclass P(typing.Protocol):\n"
    "  def f(self, x: Tensor) -> Tensor: ...\nassert not isinstance(torch.ones(3), int)",
    "evaluated annotations": "def f(x: Float[Tensor, 'n'] | int = 3) -> Tensor: ...\n"
    "import typing\nassert typing.get_type_hints(f)['return'] is Tensor",
    "dataclass": "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass D:\n"
    "  x: Float[Tensor, 'n']\n  y: Tensor | None = None\nassert D(torch.ones(3)).y is None",
    "named tuple": "import typing\nclass N(typing.NamedTuple):\n  x: Float[Tensor, 'n']\nN(1)",
    "decorators": "@torch.no_grad()\ndef f(): return 1\n@torch.compile\ndef g(): return 2\n"
    "@jaxtyped(typechecker=None)\ndef h(): return 3\nassert (f(), g(), h()) == (1, 2, 3)",
    "constants": "EPS = 2 * torch.finfo(torch.float64).eps ** 0.5\n"
    "R = np.array([[0, -1]]) @ np.eye(2)\nS = -R[0, 0] / 3 + 1\n"
    "assert not S < 0\nD = {torch.float32: 1}[torch.float32]",
    "own instance": "class L(nn.Module):\n  def __init__(self, n):\n    super().__init__()\n"
    "    self.n = n\n    self.w = nn.Parameter(torch.zeros(n))\nRELU = L(3)\nassert RELU.n == 3",
    "function of autograd": "class F(torch.autograd.Function):\n  @staticmethod\n"
    "  def forward(ctx, x): return x\napply = F.apply\nassert not hasattr(F, '__wrapped__')",
    "inherited parts": "class L(nn.Linear): pass\nreset = L.reset_parameters\n"
    "M = L(3, 4).weight.shape\nN = L.from_pretrained(3)",
    "version": "NEW = torch.__version__ >= '2.4'\nwith torch.no_grad():\n  X = torch.ones(2)",
    "submodules": "import torch.nn.functional as F\nfrom scipy.sparse.linalg import eigsh\n"
    "import scipy.sparse as sp\nM = sp.csr_array | sp.coo_array\nF.relu(eigsh)",
}
HEAD = (
    "import numpy as np\nimport torch\nfrom torch import Tensor, nn\n"
    "from collections.abc import Callable, Sequence\nfrom jaxtyping import Float, Int, jaxtyped\n"
)


@pytest.mark.parametrize("kind", AWKWARD)
def test_whatever_is_evaluated_at_import(kind, tmp_path):
    package = tmp_path / "awkward"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text(HEAD + AWKWARD[kind])
    assert bare(IMPORT, package).split() == [
        "awkward",
        "awkward.module",
    ]


def test_a_module_that_is_broken_is_named(tmp_path):
    package = tmp_path / "broken"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text("nothing.here")
    code = f"try:\n  {IMPORT}except ImportError as e: print(e)"
    said = bare(code, package)
    assert said.startswith("broken.module cannot be imported for the reference: NameError")


def test_afterwards_all_is_as_before():
    code = "before = set(sys.modules)\n" + IMPORT
    code += "left = set(sys.modules) - before - set(sys.stdlib_module_names)\n"
    code += "import json; print(); print(json.dumps(sorted({n.split('.')[0] for n in left})))"
    roots = json.loads(bare(code, ROOT / "gdl_utils").splitlines()[-1])
    assert "torch" not in roots
    assert "numpy" not in roots
    assert "gdl_utils" in roots


def documented():
    """(kind, dotted name) of everything of ours in the built reference's index."""
    from sphinx.util.inventory import InventoryFile

    with open(HTML / "objects.inv", "rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, page: page)
    return {(kind, name) for kind in inventory for name in inventory[kind] if kind[:3] == "py:"}


def wanted():
    """The same, found by importing the library with all that it needs."""
    import importlib
    import pkgutil

    import gdl_utils

    found = set()
    for info in pkgutil.walk_packages(gdl_utils.__path__, "gdl_utils."):
        drawn = info.name.startswith("gdl_utils.figures")  # one chapter's pictures: book/api.md
        if drawn or info.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(info.name)
        for name, item in vars(module).items():
            if name.startswith("_") or getattr(item, "__module__", "") != info.name:
                continue
            if inspect.isclass(item) and item.__doc__:
                error = issubclass(item, BaseException)
                found.add(("py:exception" if error else "py:class", f"{info.name}.{name}"))
                for part, value in vars(item).items():
                    value = getattr(value, "__func__", value)
                    if not part.startswith("_") and inspect.isfunction(value) and value.__doc__:
                        found.add(("py:method", f"{info.name}.{name}.{part}"))
            elif inspect.isfunction(inspect.unwrap(item)) and item.__doc__:
                found.add(("py:function", f"{info.name}.{name}"))
    return found


@pytest.mark.skipif(not HTML.exists(), reason="there is no book yet: run make book")
def test_the_reference_without_torch_holds_what_the_library_with_torch_has():
    kinds = {"py:class", "py:exception", "py:method", "py:function"}
    ours = {(k, n) for k, n in documented() if k in kinds}
    assert len(ours) > 400
    assert wanted() ^ ours == set()
