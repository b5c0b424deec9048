"""Guides in llama.cpp, in this process: a `logits_processor` of llama-cpp-python.

    vocabulary = Vocabulary.of_llama(llama)
    processor = GuidedLlamaProcessor(TokenMasks(vocabulary), Guide(table, before=text_before_the_hole))
    llama(prompt, logits_processor=LogitsProcessorList([processor]))

Do not give the same call a grammar as well. llama.cpp applies it behind the processor, where it is not seen from here,
and ends the whole process (GGML_ABORT) should the two leave no token in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks

from .rows import forbid_in_array, least_share
from .sequences import TokenFollower

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class GuidedLlamaProcessor:
    """Forbids names that cannot be, in one completion; each completion takes a processor of its own."""

    def __init__(self, masks: TokenMasks, guide: Guide) -> None:
        self._masks = masks
        self._follower = TokenFollower(guide, masks.vocabulary)
        self._prompt_length: int | None = None

    def __call__(self, input_ids: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `scores`, of which the names that cannot be are minus infinity. The first call shows the prompt."""
        if self._prompt_length is None:
            self._prompt_length = len(input_ids)
        guide = self._follower.at(input_ids[self._prompt_length :].tolist())
        mask = self._masks.mask(guide) if guide is not None else None
        if guide is not None and mask is not None:
            forbid_in_array(scores, mask, least_share(guide, mask))
        return scores
