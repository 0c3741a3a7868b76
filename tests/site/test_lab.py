"""The check in JupyterLab (make lab-check) says what is wrong when it cannot begin."""

import check_lab
import pytest


@pytest.fixture
def environment(tmp_path):
    """An environment whose Python does what the given words say."""

    def make(words):
        python = tmp_path / "venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\n{words}\n")
        python.chmod(0o755)
        return tmp_path / "venv"

    return make


def test_an_environment_without_jupyterlab_is_told(environment, tmp_path):
    broken = environment("echo 'No module named jupyterlab' >&2; exit 1")
    with (
        pytest.raises(RuntimeError, match=r"(?s)did not start:.*No module named jupyterlab"),
        check_lab.lab(broken, tmp_path / "chapters"),
    ):
        pytest.fail("there is no server")


def test_the_chapters_it_opens_have_both_kinds_of_figures():
    texts = [
        (check_lab.ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8")
        for name in check_lab.CHAPTERS
    ]
    assert all('<figure class=\\"gdl-live\\"' in text for text in texts)
    assert any('<figure class=\\"gdl-mesh3d\\"' in text for text in texts)


def test_the_viewer_that_it_serves_is_the_books():
    assert check_lab.VIEWER.stat().st_size > 500_000
