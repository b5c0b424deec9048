"""The guide in transformers: alone, in batches with padding, among beams, while sampling, and with an assistant model."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers")

import torch
from engines.scenes import MAX_TOKENS, Hole, holes, invented, scripted_folder
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessorList

from tracemend.analysis.decoding.adapters.transformers_processor import GuidedLogitsProcessor
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary

HOLES = holes()


class Engine:
    """The scripted model, asked for the text behind the prompts of some holes."""

    def __init__(self) -> None:
        folder = scripted_folder()
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.masks = TokenMasks(Vocabulary.of_huggingface(self.tokenizer))

    def write(self, some: tuple[Hole, ...], guided: tuple[bool, ...], **options: Any) -> list[str]:
        inputs = self.tokenizer([hole.prompt for hole in some], return_tensors="pt", padding=True)
        guides = [
            Guide(hole.table, before=hole.prompt) if is_guided else None
            for hole, is_guided in zip(some, guided, strict=True)
        ]
        output = self.model.generate(
            **inputs,
            max_new_tokens=MAX_TOKENS,
            logits_processor=LogitsProcessorList([GuidedLogitsProcessor(self.masks, guides)]),
            **{"do_sample": False, **options},
        )
        return self.tokenizer.batch_decode(output[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)


@pytest.fixture(scope="module")
def engine() -> Engine:
    torch.set_num_threads(1)
    torch.manual_seed(3)
    return Engine()


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_name_that_is_not_there_is_not_written(engine: Engine, hole: Hole) -> None:
    assert engine.write((hole,), (False,)) == [hole.free]
    assert engine.write((hole,), (True,)) == [hole.guided]


def test_the_rows_of_a_batch_are_guided_each_by_its_own_table(engine: Engine) -> None:
    guided = tuple(place % 2 == 0 for place in range(len(HOLES)))
    expected = [hole.guided if on else hole.free for hole, on in zip(HOLES, guided, strict=True)]
    assert engine.write(HOLES, guided) == expected


def test_beams_are_followed_when_they_change_places(engine: Engine) -> None:
    written = engine.write(HOLES, (True,) * len(HOLES), num_beams=4, num_return_sequences=2)
    for hole, (best, other) in zip(HOLES, zip(written[::2], written[1::2], strict=True), strict=True):
        assert best == hole.guided
        assert not invented(other, hole)


def test_samples_never_hold_the_name(engine: Engine) -> None:
    hole = HOLES[0]
    options: dict[str, Any] = {"do_sample": True, "num_return_sequences": 24, "top_k": 0}
    assert any(invented(text, hole) for text in engine.write((hole,), (False,), **options))
    assert not any(invented(text, hole) for text in engine.write((hole,), (True,), **options))


def test_drafts_of_an_assistant_that_are_refused_leave_no_trace(engine: Engine) -> None:
    """The assistant is the same model without a guide: what it drafts is taken back at each invented name."""
    for hole in HOLES:
        assert engine.write((hole,), (True,), assistant_model=engine.model) == [hole.guided]
