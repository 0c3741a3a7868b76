"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

``python tools/oldest.py`` prints ``name==version``, a line for each package that the library, its
extras or its build name. The floors are read from the requirements themselves, so that what
``make oldest`` installs cannot drift from what is declared.

A floor may be older than the first wheel for a newer Python. Those stand in pyproject.toml, in
``[tool.floors."3.13"]``, and hold for that Python and all after it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,]+\])?>=(?P<floor>[\w.]+)")


def version(text: str) -> tuple[int, ...]:
    """``'1.24'`` as ``(1, 24)``, to be compared; zeros at the end do not count."""
    parts = [int(part) for part in text.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def requirements(settings: dict) -> list[str]:
    """All that the settings of pyproject.toml require, but for the package's own extras."""
    project = settings["project"]
    extras = project.get("optional-dependencies", {})
    found = [*project["dependencies"], *settings.get("build-system", {}).get("requires", [])]
    found += [line for extra in extras.values() for line in extra]
    return [line for line in found if not line.startswith(f"{project['name']}[")]


def oldest(settings: dict, python: tuple[int, int]) -> dict[str, str]:
    """The floor of each required package on a Python, by name.

    Raises
    ------
    ValueError
        If a requirement has no floor, or a floor for a newer Python is of a package that is not
        required, or is not above the package's own.
    """
    floors: dict[str, str] = {}
    for line in requirements(settings):
        found = REQUIREMENT.fullmatch(line)
        if found is None:
            raise ValueError(f"requirements must be written name>=floor, got {line!r}")
        name, floor = found["name"].lower(), found["floor"]
        floors[name] = max(floors.get(name, floor), floor, key=version)
    newer = settings.get("tool", {}).get("floors", {})
    for since in sorted(newer, key=version):
        for name, floor in newer[since].items():
            if name not in floors:
                raise ValueError(f"tool.floors.{since} must name what is required, got {name!r}")
            if version(floor) <= version(floors[name]):
                raise ValueError(
                    f"tool.floors.{since} must be above {name}>={floors[name]}, got {floor!r}"
                )
        if version(since) <= python:
            floors |= newer[since]
    return floors


if __name__ == "__main__":
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for package, lowest in sorted(oldest(stated, sys.version_info[:2]).items()):
        print(f"{package}=={lowest}")
