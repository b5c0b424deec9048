"""Masks on rows of logits. Rows of tensors are tested where there is PyTorch, in tests/engines."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")

from tracemend.analysis.decoding.adapters.rows import forbid_in_array
from tracemend.analysis.decoding.masks import Mask


def row_after(
    logits: list[float], *, forbidden: list[int] | None = None, allowed: list[int] | None = None
) -> str:
    """Return a letter for each token: `x` for those that may not be sampled any more."""
    row = np.array(logits, dtype=np.float32)
    lists = [None if ids is None else np.array(ids, dtype=np.int32) for ids in (forbidden, allowed)]
    forbid_in_array(row, Mask(*lists))
    return "".join("x" if value == -np.inf else "." for value in row)


def test_what_is_forbidden_is_gone_and_what_is_allowed_is_left() -> None:
    assert row_after([0, 0, 0, 0], forbidden=[1, 2]) == ".xx."
    assert row_after([0, 0, 0, 0], allowed=[1, 2]) == "x..x"


def test_tokens_that_the_model_has_no_logits_for_do_not_matter() -> None:
    assert row_after([0, 0], forbidden=[1, 7]) == ".x"
    assert row_after([0, 0], allowed=[0, 7]) == ".x"


@pytest.mark.parametrize("lists", [{"forbidden": [0]}, {"allowed": [1, 2]}])
def test_a_mask_that_leaves_next_to_nothing_gives_way(lists: dict[str, list[int]]) -> None:
    assert row_after([20, 0, 0], **lists) == "..."
    assert row_after([2, 0, 0], **lists) == "x.."


@pytest.mark.parametrize("lists", [{"forbidden": [0]}, {"allowed": [1]}, {"allowed": [7]}])
def test_a_row_that_has_nothing_else_left_stays_as_it_is(lists: dict[str, list[int]]) -> None:
    nothing = -np.inf
    assert row_after([0, nothing], **lists) == ".x"
    assert row_after([nothing, nothing], **lists) == "xx"
