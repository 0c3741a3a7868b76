"""Check a release's two archives: what must be in them, and what must not.

``python tools/check_dist.py dist`` compares the source archive and the wheel in ``dist`` with the
checkout and says in one line each what is wrong; ``--tag v1.2.3`` also asks whether that is the
version that was built, and whether the changelog has a section for it. ``make dist`` builds both,
the wheel from the source archive and from nothing else, so that what the wheel holds was in it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, STUDIES = "gdl_utils", "book/results"
SOURCES = {"pyproject.toml", "setup.py", "MANIFEST.in", "README.md"}
LICENCES = {"LICENSE", "LICENSE-docs"}
MADE = re.compile(rf"PKG-INFO|setup\.cfg|{PACKAGE}\.egg-info/.*")


def package_files(root: Path) -> set[str]:
    """Modules, assets, scripts, styles and ``py.typed``, as paths from the root."""
    files = (p for p in (root / PACKAGE).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(root).as_posix() for p in files}


def studies(root: Path) -> set[str]:
    """The names of the stored studies; what else lies there is the book's alone."""
    return {p.name for p in (root / STUDIES).glob("[0-9]*.json")}


def compared(what: str, found: Iterable[str], wanted: set[str]) -> list[str]:
    """A line for what is missing and one for what has no place there."""
    found, faults = set(found), []
    if wanted - found:
        faults.append(f"{what} lacks {', '.join(sorted(wanted - found))}")
    if found - wanted:
        faults.append(f"{what} holds what it should not: {', '.join(sorted(found - wanted))}")
    return faults


def wheel_faults(names: Iterable[str], metadata: str, root: Path = ROOT) -> list[str]:
    """What is wrong with a wheel of these files and this METADATA."""
    package = [name for name in names if not re.match(rf"{PACKAGE}-[^/]+\.dist-info/", name)]
    wanted = package_files(root) | {f"{PACKAGE}/data/studies/{name}" for name in studies(root)}
    faults = compared("the wheel", package, wanted)
    own = {name.partition(".dist-info/")[2] for name in set(names) - set(package)}
    made = {"METADATA", "WHEEL", "RECORD", "top_level.txt"}
    faults += compared("dist-info", own, made | {f"licenses/{name}" for name in LICENCES})
    said = Parser().parsestr(metadata)
    if not (said.get_payload() or "").strip():
        faults.append("the wheel's METADATA has no description")
    return faults


def source_faults(names: Iterable[str], root: Path = ROOT) -> list[str]:
    """What is wrong with a source archive of these files, named without its top folder."""
    files = {name for name in names if not MADE.fullmatch(name)}
    wanted = package_files(root) | {f"{STUDIES}/{name}" for name in studies(root)}
    return compared("the source archive", files, wanted | SOURCES | LICENCES)


def tag_faults(tag: str, version: str, changelog: str) -> list[str]:
    """What is wrong with a tag for a built version."""
    faults = []
    if tag != f"v{version}":
        faults.append(f"the tag must be v{version}, got {tag}")
    if not re.search(rf"(?m)^## {re.escape(version)}\b", changelog):
        faults.append(f"CHANGELOG.md has no section '## {version}'")
    return faults


def only(folder: Path, pattern: str) -> Path:
    """The one file of a pattern in a folder."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        sys.exit(f"{folder} must hold one {pattern}, got {[p.name for p in found]}: run make dist.")
    return found[0]


def dist_faults(folder: Path, tag: str | None = None, root: Path = ROOT) -> list[str]:
    """What is wrong with the two archives in a folder."""
    with zipfile.ZipFile(only(folder, f"{PACKAGE}-*.whl")) as wheel:
        names = [name for name in wheel.namelist() if not name.endswith("/")]
        place = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = wheel.read(place).decode()
    faults = wheel_faults(names, metadata, root)
    with tarfile.open(only(folder, f"{PACKAGE}-*.tar.gz")) as source:
        files = [m.name.partition("/")[2] for m in source.getmembers() if m.isfile()]
    faults += source_faults(files, root)
    if tag is not None:
        version = str(Parser().parsestr(metadata)["Version"])
        changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
        faults += tag_faults(tag, version, changelog)
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag")
    asked = parser.parse_args()
    if wrong := dist_faults(asked.folder, asked.tag):
        sys.exit("\n".join(wrong))
