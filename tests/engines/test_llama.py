"""The guide in llama.cpp, in process, and the grammar route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

llama_cpp = pytest.importorskip("llama_cpp")

from engines.models import GGUF_NAME
from engines.scenes import MAX_TOKENS, Hole, holes, invented, scripted_folder
from llama_cpp._internals import LlamaSampler

from tracemend.analysis.decoding.adapters.grammars import gbnf, name_at_hole
from tracemend.analysis.decoding.adapters.lazy_grammars import (
    Receivers,
    first_receivers,
    llama_grammar,
    llama_pattern,
    opening_grammar,
)
from tracemend.analysis.decoding.adapters.llama_processor import GuidedLlamaProcessor
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary

HOLES = holes()


class Engine:
    """The scripted model as GGUF."""

    def __init__(self) -> None:
        self.llama = llama_cpp.Llama(
            f"{scripted_folder() / GGUF_NAME}", n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False
        )
        self.masks = TokenMasks(Vocabulary.of_llama(self.llama))

    def write(
        self,
        prompt: str,
        *,
        hole: Hole | None = None,
        grammar: str = "",
        temperature: float = 0.0,
        seed: int = 1,
    ) -> str:
        processors = None
        if hole is not None:
            processor = GuidedLlamaProcessor(self.masks, Guide(hole.table, before=prompt))
            processors = llama_cpp.LogitsProcessorList([processor])
        answer = self.llama(
            prompt,
            max_tokens=MAX_TOKENS,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
            min_p=0.0,
            repeat_penalty=1.0,
            seed=seed,
            logits_processor=processors,
            grammar=llama_cpp.LlamaGrammar.from_string(grammar, verbose=False) if grammar else None,
        )
        text: str = answer["choices"][0]["text"]
        return text

    def write_lazily(self, prompt: str, receivers: Receivers) -> str:
        """Return the likeliest text under a grammar that sleeps, which this binding offers to its samplers alone."""
        sampler = LlamaSampler()
        grammar = llama_cpp.LlamaGrammar.from_string(llama_grammar(receivers), verbose=False)
        sampler.add_grammar_lazy_patterns(self.llama._model, grammar, [f"^{llama_pattern(receivers)}$"], [])
        sampler.add_greedy()
        self.llama.reset()
        self.llama.eval(self.llama.tokenize(prompt.encode(), add_bos=False))
        written: list[int] = []
        while len(written) < MAX_TOKENS:
            written.append(sampler.sample(self.llama._ctx))
            if written[-1] == self.llama.token_eos():
                break
            self.llama.eval(written[-1:])
        sampler.close()
        text: str = self.llama.detokenize(written).decode()
        return text


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    one = Engine()
    yield one
    one.llama.close()


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_name_that_is_not_there_is_not_written(engine: Engine, hole: Hole) -> None:
    assert engine.write(hole.prompt) == hole.free
    assert engine.write(hole.prompt, hole=hole) == hole.guided


def test_samples_never_hold_the_name(engine: Engine) -> None:
    hole = HOLES[0]
    free = [engine.write(hole.prompt, temperature=1.0, seed=seed) for seed in range(8)]
    guided = [engine.write(hole.prompt, hole=hole, temperature=1.0, seed=seed) for seed in range(24)]
    assert any(invented(text, hole) for text in free)
    assert not any(invented(text, hole) for text in guided)


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
@pytest.mark.parametrize("leading", [False, True], ids=["segment", "leading"])
def test_a_grammar_makes_it_write_a_name_that_is_there(engine: Engine, hole: Hole, leading: bool) -> None:
    prompt = f"{hole.prompt}{hole.script.lead}."
    name = name_at_hole(hole.table, before=prompt)
    assert name is not None
    assert engine.write(prompt) == f"{hole.script.wrong}{hole.script.rest}"
    expected = hole.script.right + (hole.script.rest if leading else "")
    assert engine.write(prompt, grammar=gbnf(name, leading=leading)) == expected


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_grammar_that_sleeps_wakes_at_the_receiver(engine: Engine, hole: Hole) -> None:
    receivers = first_receivers(hole.table, before=hole.prompt)
    assert receivers is not None
    assert engine.write_lazily(hole.prompt, receivers) == hole.guided


@pytest.mark.parametrize("hole", HOLES[1:4], ids=lambda hole: hole.name)
def test_an_answer_opens_with_a_member_of_a_receiver(engine: Engine, hole: Hole) -> None:
    """These holes are behind `return` and `if`, where a grammar need not sleep."""
    receivers = first_receivers(hole.table, before=hole.prompt)
    grammar = opening_grammar(receivers) if receivers is not None else None
    assert grammar is not None
    assert engine.write(hole.prompt, grammar=grammar) == hole.guided


def test_a_grammar_that_wakes_nowhere_changes_nothing(engine: Engine) -> None:
    elsewhere = first_receivers(HOLES[1].table, before=HOLES[0].prompt)
    assert elsewhere is not None
    assert engine.write_lazily(HOLES[0].prompt, elsewhere) == HOLES[0].free
