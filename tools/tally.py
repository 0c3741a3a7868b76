"""Add up the test reports of ``make test`` into one line.

python tools/tally.py FOLDER_OF_JUNIT_XML
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def tally(folder: Path) -> dict[str, int]:
    """Count the tests of all reports in ``folder``."""
    total = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for report in sorted(folder.glob("*.xml")):
        for suite in ET.parse(report).getroot().iter("testsuite"):
            for key in total:
                total[key] += int(suite.get(key, 0))
    return total


if __name__ == "__main__":
    count = tally(Path(sys.argv[1]))
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{passed} passed, {failed} failed{skipped}")
