"""Masks on rows of tensors do what they do on rows of arrays."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import numpy as np

from tracemend.analysis.decoding.adapters.rows import MORE_THAN_NOTHING, TensorRows, forbid_in_array
from tracemend.analysis.decoding.masks import Mask

NOTHING = float("-inf")
ROWS = [
    [0.0, 0.0, 0.0, 0.0],
    [20.0, 0.0, 0.0, 0.0],
    [0.0, NOTHING, NOTHING, 1.0],
    [NOTHING, NOTHING, 0.0, NOTHING],
    [NOTHING] * 4,
]
MASKS = [Mask(forbidden=np.array(ids, dtype=np.int32)) for ids in ([0], [0, 1, 3], [2, 9])] + [
    Mask(allowed=np.array(ids, dtype=np.int32)) for ids in ([1], [1, 2, 3], [0, 9], [9])
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["as arrays", "as on any device"])
@pytest.mark.parametrize("least", [0.005, MORE_THAN_NOTHING])
@pytest.mark.parametrize("row", ROWS)
def test_tensors_and_arrays_agree(row: list[float], least: float, dtype: torch.dtype) -> None:
    rows = TensorRows(kept=3)
    for mask in (*MASKS, *MASKS):
        array, tensor = np.array(row, dtype=np.float32), torch.tensor([[5.0] * 4, row], dtype=dtype)
        forbid_in_array(array, mask, least)
        rows.forbid(tensor, 1, mask, least)
        assert tensor[1].tolist() == array.tolist()
        assert tensor[0].tolist() == [5.0] * 4
