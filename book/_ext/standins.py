"""Import ``gdl_utils`` where neither torch nor numpy is installed, so that autodoc can read it.

The reference shows docstrings and signatures, for which no package outside the standard library is
needed. While the library is imported here, every other package that it names gives stand-ins
instead: real classes that can be called, inherited from, indexed, combined and compared. So nothing
that an annotation, an alias, a decorator or a constant does at import can fail for want of the
package. It is done whether the packages are installed or not, and all builds show the same.
"""

from __future__ import annotations

import abc
import ast
import contextlib
import functools
import importlib
import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

PURE = "_stands_for"  # in a stand-in's own namespace: what it stands for


class _Standing(abc.ABCMeta):
    """The type of stand-ins, and of the library's classes that inherit from one."""

    def __getattr__(cls, name: str) -> Any:
        if PURE not in vars(cls):  # one of ours: what it inherits, but nothing special or private
            if name.startswith("_"):
                raise AttributeError(f"{cls.__name__} has no attribute {name}")
            return stand_in(f"{cls.__module__}.{cls.__qualname__}.{name}")
        return "0" if name == "__version__" else _attribute(vars(cls)[PURE], name)

    def __getitem__(cls, key: Any) -> Any:
        if PURE not in vars(cls):
            return cls
        keys = key if isinstance(key, tuple) else (key,)
        words = ", ".join(k.__name__ if isinstance(k, type) else repr(k) for k in keys)
        return stand_in(f"{vars(cls)[PURE]}[{words}]")

    def __repr__(cls) -> str:
        return vars(cls).get(PURE) or super().__repr__()

    def __iter__(cls) -> Iterator[Any]:
        return iter(())

    def __or__(cls, other: Any) -> Any:
        return _union(cls, other)

    def __ror__(cls, other: Any) -> Any:
        return _union(other, cls)

    def __enter__(cls) -> Any:
        return cls

    def __exit__(cls, *error: Any) -> None:
        return None

    def __len__(cls) -> int:
        return 0

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, item: Any) -> bool:
        return False


def _union(a: Any, b: Any) -> Any:
    """``a | b`` as types where both are, else the stand-in."""
    try:
        return type.__or__(a, b) if isinstance(a, type) else type.__ror__(b, a)
    except TypeError:
        return a if isinstance(a, _Standing) else b


def _returns(value: Any) -> Any:
    return lambda cls, *others: cls if value is None else value


_ARITHMETIC = ["add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow"]
_ARITHMETIC += ["lshift", "rshift", "and", "xor"]
for _name in [f"{r}{n}" for n in _ARITHMETIC for r in ("", "r", "i")]:
    setattr(_Standing, f"__{_name}__", _returns(None))
for _name in ("neg", "pos", "abs", "invert", "round"):
    setattr(_Standing, f"__{_name}__", _returns(None))
for _name in ("lt", "le", "gt", "ge"):
    setattr(_Standing, f"__{_name}__", _returns(False))
for _name, _value in {"int": 1, "index": 1, "float": 1.0, "complex": 1j}.items():
    setattr(_Standing, f"__{_name}__", _returns(_value))


class _Call:
    """What a call of a stand-in gives: a decorated function is left as it is.

    It is no function, so autodoc does not take it for the signature of a class that inherits.
    """

    def __call__(self, cls: type, *args: Any, **options: Any) -> Any:
        if PURE not in vars(cls):
            return object.__new__(cls)
        decorated = len(args) == 1 and isinstance(args[0], types.FunctionType | type)
        return args[0] if decorated and not options else cls


@functools.cache
def stand_in(name: str) -> type:
    """The class that stands for ``torch.nn.Module``, or for any other dotted name."""
    short = name.rpartition("[")[0] or name
    body = {PURE: name, "__new__": _Call(), "__module__": short.rpartition(".")[0]}
    body["__getattr__"] = lambda self, attribute: _attribute(name, attribute)
    return _Standing(short.rpartition(".")[2], (), body)


def _attribute(name: str, attribute: str) -> Any:
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return stand_in(f"{name}.{attribute}")


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "0"
        return _attribute(self.__name__, name)


class _Finder:
    """Finds a module for every name under the given roots."""

    def __init__(self, roots: set[str]) -> None:
        self.roots = roots

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if _root(name) in self.roots else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is run."""


def _root(name: str) -> str:
    return name.partition(".")[0]


def foreign(package: Path) -> set[str]:
    """The packages that a package's files name in imports, but for itself and Python's own."""
    names = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {_root(alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(_root(node.module or ""))
    return names - {package.name} - set(sys.stdlib_module_names)


@contextlib.contextmanager
def standing_in(roots: set[str]) -> Iterator[None]:
    """While this lasts, imports under ``roots`` gives stand-ins; then all is as it was."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _root(name) in roots}
    finder = _Finder(roots)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _root(name) in roots]:
            del sys.modules[name]
        sys.modules.update(before)


def import_with_stand_ins(package: Path) -> list[str]:
    """Import all modules of a package, with stand-ins for what it imports; return their names.

    Raises
    ------
    ImportError
        If a module cannot be imported; its name and the reason are told.
    """
    files = sorted(package.rglob("*.py"))
    dotted = [".".join(f.relative_to(package.parent).with_suffix("").parts) for f in files]
    names = [name.removesuffix(".__init__") for name in dotted]
    for name in [n for n in sys.modules if _root(n) == package.name]:
        del sys.modules[name]
    importlib.invalidate_caches()
    with standing_in(foreign(package)):
        for name in names:
            try:
                importlib.import_module(name)
            except Exception as error:
                reason = f"cannot be imported for the reference: {type(error).__name__}: {error}"
                raise ImportError(f"{name} {reason}") from error
    return names
