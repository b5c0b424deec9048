"""Forbidding tokens in a row of logits.

A mask gives way where it would leave next to nothing of what the model wants (`mass`). None of the engines here lets a
processor take tokens back, so that to give way is to be silent. In the middle of a name that would be too late: what
is written can only become a legal name or one that certainly does not exist, however sure the model is of the latter.
There a mask gives way only where it leaves nothing at all. What else shaped a row, such as a grammar or a list of
banned words, may leave only tokens that the mask forbids, and sampling from nothing gives an invalid token or ends the
engine.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.mass import LEAST_ALLOWED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tracemend.analysis.decoding.masks import Mask

KEPT_INDICES = 512

MINUS_INFINITY = float("-inf")
MORE_THAN_NOTHING = 1e-30


def least_share(guide: Guide, mask: Mask) -> float:
    """Return the share of the probability that `mask` must leave at this point of a sequence."""
    is_inside_member = bool(guide.partial) and mask.allowed is not None
    return MORE_THAN_NOTHING if is_inside_member else LEAST_ALLOWED


def forbid_in_array(row: NDArray[np.float32], mask: Mask, least: float = LEAST_ALLOWED) -> None:
    """Apply `mask` to a row of NumPy logits in place, if it leaves the share `least` of the probability."""
    import numpy as np

    chosen = _within(_listed(mask), len(row))
    with np.errstate(invalid="ignore"):  # A row that holds nothing has no shares.
        weights = row - row.max()
        np.exp(weights, out=weights)
    listed = float(weights[chosen].sum())
    weights[chosen] = 0.0
    others = float(weights.sum())
    left, whole = (others, listed + others) if mask.forbidden is not None else (listed, listed + others)
    if not left >= least * whole:
        return
    if mask.forbidden is not None:
        row[chosen] = MINUS_INFINITY
    else:
        kept = row[chosen]
        row.fill(MINUS_INFINITY)
        row[chosen] = kept


class TensorRows:
    """Applies masks to rows of PyTorch logits on any device, without waiting for the device.

    Masks are memoized objects, so that their ids are kept on the device, found by the mask itself. On a CPU a row is an array of
    NumPy's as well, which takes a third to a half of the time: each operation of PyTorch's costs some microseconds by itself.
    """

    def __init__(self, kept: int = KEPT_INDICES) -> None:
        self._kept = kept
        self._indices: OrderedDict[int, tuple[Mask, Any]] = OrderedDict()

    def forbid(self, logits: Any, row: int, mask: Mask, least: float = LEAST_ALLOWED) -> None:
        """Apply `mask` to one row of `logits`, a tensor of rows by vocabulary, in place, if it leaves the share `least`."""
        import torch  # type: ignore[import-not-found]

        # A view: what is done to it is done to `logits`, in as few passes over it as can be.
        shaped = logits[row]
        if logits.device.type == "cpu" and logits.dtype == torch.float32:
            forbid_in_array(shaped.detach().numpy(), mask, least)
            return
        chosen = self._chosen(mask, logits)
        listed = shaped[chosen]
        if mask.forbidden is not None:
            shaped.index_fill_(0, chosen, MINUS_INFINITY)
            left = torch.logsumexp(shaped, 0)
            before = torch.logaddexp(left, torch.logsumexp(listed, 0))
        else:
            left, before = torch.logsumexp(listed, 0), torch.logsumexp(shaped, 0)
        # Decided on the device: to ask for the share that is left would make the processor wait for it.
        is_kept = torch.exp(left - before) >= least
        if mask.forbidden is not None:
            shaped.index_copy_(0, chosen, torch.where(is_kept, MINUS_INFINITY, listed))
        else:
            shaped.add_(torch.where(is_kept, MINUS_INFINITY, 0.0))
            shaped.index_copy_(0, chosen, listed)

    def _chosen(self, mask: Mask, logits: Any) -> Any:
        """Return the ids of the mask as a tensor beside `logits`."""
        import torch

        kept = self._indices.get(id(mask))
        if kept is None:
            ids = _within(_listed(mask), logits.shape[-1])
            chosen = torch.from_numpy(ids).to(logits.device, torch.long)
            kept = self._indices[id(mask)] = (mask, chosen)
        self._indices.move_to_end(id(mask))
        while len(self._indices) > self._kept:
            self._indices.popitem(last=False)
        return kept[1]


def _listed(mask: Mask) -> NDArray[np.int32]:
    """Return the list of ids that the mask has, of those forbidden or those allowed."""
    ids = mask.forbidden if mask.forbidden is not None else mask.allowed
    assert ids is not None, "Expected a mask to have one of its two lists, saw neither."
    return ids


def _within(ids: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """Return the ids that a row has: a tokenizer may know more tokens than the model has logits."""
    return ids if not len(ids) or int(ids.max()) < width else ids[ids < width]
