"""Add up the test reports of ``make test`` into one line.

python tools/tally.py FOLDER_OF_JUNIT_XML
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def tally(folder: Path) -> dict[str, int]:
    """Count the tests of all reports in ``folder``."""
    counted = ("tests", "failures", "errors", "skipped")
    total = dict.fromkeys((*counted, "expected"), 0)
    for report in sorted(folder.glob("*.xml")):
        root = ET.parse(report).getroot()
        for suite in root.iter("testsuite"):
            for key in counted:
                total[key] += int(suite.get(key, 0))
        known = sum(mark.get("type") == "pytest.xfail" for mark in root.iter("skipped"))
        total["expected"] += known
        total["skipped"] -= known
    return total


if __name__ == "__main__":
    count = tally(Path(sys.argv[1]))
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"] - count["expected"]
    print(
        f"{passed} passed, {failed} failed"
        + (f", {count['expected']} fail as they are known to" if count["expected"] else "")
        + (f", {count['skipped']} skipped" if count["skipped"] else "")
    )
