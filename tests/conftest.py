"""What all tests share: in CI a skipped test is a failure."""

import os

import pytest

pytest_plugins = ["contract.typed"]  # shapes and types are checked while the tests run


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """With CI set, name the skipped tests and fail: there, nothing may be missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    on_worker = hasattr(session.config, "workerinput")
    if not os.environ.get("CI") or reporter is None or on_worker or exitstatus != 0:
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped:
        names = ", ".join(sorted({report.nodeid for report in skipped}))
        reporter.write_line(f"\nCI skips nothing, but these were skipped: {names}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
