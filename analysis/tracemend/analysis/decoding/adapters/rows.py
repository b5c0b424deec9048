"""Forbidding tokens in a row of logits.

A row is never left without a token. What else shaped it, such as a grammar or a list of banned words, may leave only
tokens that the mask forbids; then the mask gives way, for sampling from nothing gives an invalid token or ends the
engine.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tracemend.analysis.decoding.masks import Mask

KEPT_INDICES = 512

MINUS_INFINITY = float("-inf")


def forbid_in_array(row: NDArray[np.float32], mask: Mask) -> None:
    """Apply `mask` to a row of NumPy logits in place."""
    width = len(row)
    if mask.forbidden is not None:
        chosen = _within(mask.forbidden, width)
        saved = row[chosen]
        row[chosen] = MINUS_INFINITY
        if row.max(initial=MINUS_INFINITY) == MINUS_INFINITY:
            row[chosen] = saved
    elif mask.allowed is not None:
        chosen = _within(mask.allowed, width)
        saved = row[chosen]
        if saved.max(initial=MINUS_INFINITY) > MINUS_INFINITY:
            row.fill(MINUS_INFINITY)
            row[chosen] = saved


class TensorRows:
    """Applies masks to rows of PyTorch logits on any device, without waiting for the device.

    Masks are memoized objects, so that their ids are kept on the device, found by the mask itself.
    """

    def __init__(self, kept: int = KEPT_INDICES) -> None:
        self._kept = kept
        self._indices: OrderedDict[int, tuple[Mask, Any]] = OrderedDict()

    def forbid(self, logits: Any, row: int, mask: Mask) -> None:
        """Apply `mask` to one row of `logits`, a tensor of rows by vocabulary, in place."""
        import torch  # type: ignore[import-not-found]

        before = logits[row]
        chosen = self._chosen(mask, logits)
        if mask.forbidden is not None:
            after = before.index_fill(0, chosen, MINUS_INFINITY)
        else:
            after = torch.full_like(before, MINUS_INFINITY)
            after[chosen] = before[chosen]
        # Chosen on the device: asking here whether anything is left would make the processor wait for it.
        is_anything_left = (after > MINUS_INFINITY).any()
        logits[row] = torch.where(is_anything_left, after, before)

    def _chosen(self, mask: Mask, logits: Any) -> Any:
        """Return the ids of the mask as a tensor beside `logits`."""
        import torch

        kept = self._indices.get(id(mask))
        if kept is None:
            ids = mask.forbidden if mask.forbidden is not None else mask.allowed
            assert ids is not None, "Expected a mask to have one of its two lists, saw neither."
            chosen = torch.from_numpy(_within(ids, logits.shape[-1])).to(logits.device, torch.long)
            kept = self._indices[id(mask)] = (mask, chosen)
        self._indices.move_to_end(id(mask))
        while len(self._indices) > self._kept:
            self._indices.popitem(last=False)
        return kept[1]


def _within(ids: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """Return the ids that a row has: a tokenizer may know more tokens than the model has logits."""
    return ids if not len(ids) or int(ids.max()) < width else ids[ids < width]
