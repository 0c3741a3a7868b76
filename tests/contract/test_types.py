"""That the checks of types are on, and that nothing public goes unchecked."""

import inspect

import jaxtyping
import pytest
import torch
from contract import children, typed, warm

from gdl_utils.grids.layers import circulant


def test_a_wrong_shape_is_noticed():
    with pytest.raises(jaxtyping.TypeCheckError, match=r"gdl_utils\.grids\.layers\.circulant"):
        circulant(torch.ones(2, 2))


def test_a_bad_call_meets_the_validator():
    """The name of this test says bad."""
    with pytest.raises(ValueError, match="kernel must be"):
        circulant(torch.ones(2, 2))


@pytest.mark.plain
def test_a_plain_test_has_the_library_as_it_is():
    assert not hasattr(circulant, "__wrapped__")
    assert "jaxtyping" not in vars(inspect.getmodule(circulant))


@pytest.mark.parametrize(("checked", "wanted"), [(True, "TypeCheckError"), (False, "ValueError")])
def test_in_a_fresh_process(checked, wanted):
    outcome = warm.call(children.wrong_shape, checked)
    assert outcome.value.startswith(wanted), outcome.output


def test_what_no_test_calls_is_named():
    functions, called = ["a.f", "a.g", "a.h"], {"a.f", "a.g", "a._private"}
    assert typed.complaints(functions, called, {"a.h": "why"}) == []
    assert typed.complaints(functions, called, {}) == ["no test calls a.h with its types checked"]
    assert typed.complaints(functions, called, {"a.h": "", "a.g": "", "a.i": ""}) == [
        "a.g needs no excuse: it is called",
        "a.i needs no excuse: it is not there",
    ]


def test_the_functions_are_those_that_users_call():
    found = set(typed.public_functions())
    assert {
        "gdl_utils.grids.layers.circulant",
        "gdl_utils.grids.layers.CircularConv2d.forward",
        "gdl_utils.grids.layers.CircularConv2d.__init__",
        "gdl_utils.graphs.sparse.Adjacency.looped",  # a cached property
        "gdl_utils.symmetry.equivariance_error",
    } <= found
    assert not [name for name in found if "._" in name.replace(".__", "")]
    assert not [name for name in found if name.startswith("gdl_utils.plots")]


def test_excuses_are_few():
    assert len(typed.UNCALLED) <= 6
    assert all(typed.UNCALLED.values())


CONFTEST = """
from pathlib import Path
from contract import typed
typed.TYPED = (Path(__file__).parent,)
typed.ROOMS, typed.LANGUAGE, typed.UNCALLED = (), ("features",), {}
pytest_plugins = ["contract.typed"]
"""
ALL_CALLED = """
import torch
from gdl_utils.features import hog
def test_it():
    hog(torch.ones(1, 1, 8, 8))
"""


@pytest.mark.parametrize(
    ("text", "options", "code", "told"),
    [
        (ALL_CALLED, [], 0, False),
        ("def test_it(): ...", [], 1, True),
        ("def test_it(): ...", ["--collect-only"], 0, False),
        ("def test_it(): ...\ndef test_other(): ...", ["-k", "other"], 0, False),
    ],
)
def test_a_whole_run_fails_if_a_function_is_never_called(tmp_path, text, options, code, told):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(text)
    outcome = warm.call(children.run_pytest, [f"--rootdir={tmp_path}", *options, str(tmp_path)], {})
    assert outcome.value == code, outcome.output
    assert ("no test calls gdl_utils.features." in outcome.output) == told
