"""Guides in Hugging Face transformers: a `LogitsProcessor` for `generate`.

    vocabulary = Vocabulary.of_huggingface(tokenizer)
    processor = GuidedLogitsProcessor(TokenMasks(vocabulary), [Guide(table, before=text_before_the_hole)])
    model.generate(**inputs, logits_processor=LogitsProcessorList([processor]))

Batches, beams, several return sequences and assisted generation all show rows whose tokens are not those of the step
before, so that the guide of a row is found by its tokens alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import LogitsProcessor  # type: ignore[import-not-found]

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks

from .rows import TensorRows, least_share
from .sequences import SequencePool


class GuidedLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Forbids names that cannot be, in one call of `generate`; each call takes a processor of its own.

    `guides` are those at the holes of the prompts, in their order. A prompt that is not to be guided has None.
    """

    def __init__(self, masks: TokenMasks, guides: Sequence[Guide | None]) -> None:
        self._masks = masks
        self._rows = TensorRows()
        self._pools = [guide and SequencePool(guide, masks.vocabulary) for guide in guides]
        self._prompt_width: int | None = None

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return `scores`, of which the names that cannot be are minus infinity."""
        rows, width = input_ids.shape
        if self._prompt_width is None:
            self._prompt_width = width
        if rows % len(self._pools):
            raise ValueError(
                f"{rows} rows cannot belong to {len(self._pools)} prompts: give one guide per prompt"
            )
        generated = input_ids[:, self._prompt_width :].tolist()
        guided = scores
        for row, ids in enumerate(generated):
            pool = self._pools[row * len(self._pools) // rows]
            if pool is not None:
                guide = pool.at(ids)
                mask = self._masks.mask(guide)
                if mask is not None:
                    guided = scores.clone() if guided is scores else guided
                    self._rows.forbid(guided, row, mask, least_share(guide, mask))
        return guided
