"""The plug-in in vLLM, in this process, by one of its two model runners.

Which one is said by the environment: the run of the suite starts this file once for each (`runners`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import pytest

if importlib.util.find_spec("vllm") is None:  # Importing it would settle the runner.
    pytest.skip("there is no vLLM in this environment", allow_module_level=True)

from engines.runners import prepare_runner

RUNNER = prepare_runner()

from engines.scenes import MAX_TOKENS, Hole, holes, invented, scripted_folder
from vllm import LLM, SamplingParams

from tracemend.analysis.decoding.adapters.requests import TABLE, request_fields
from tracemend.analysis.decoding.adapters.vllm_plugin import GuidePlugin

HOLES = holes()
CONTEXT, BLOCK_SIZE = 96, 32
SAMPLES = {"v1": 8, "v2": 4}[RUNNER]  # V2 is interpreted here, and slow.


@pytest.fixture(scope="module")
def engine() -> LLM:
    """vLLM with room for four requests at a time, and for the tokens of two of them: some are preempted."""
    return LLM(
        f"{scripted_folder()}",
        logits_processors=[GuidePlugin],
        max_model_len=CONTEXT,
        max_num_seqs=4,
        enforce_eager=True,
        dtype="float32",
        seed=1,
        block_size=BLOCK_SIZE,
        num_gpu_blocks_override=CONTEXT // BLOCK_SIZE + 1,
        disable_log_stats=False,
    )


def write(
    engine: LLM, asked: Sequence[tuple[Hole, bool]], *, fields: dict[str, Any] | None = None, **options: Any
) -> list[list[str]]:
    """Return what the model writes at each hole, guided or not; a list for each, of `n` texts."""
    parameters = [
        SamplingParams(
            max_tokens=MAX_TOKENS,
            extra_args=(fields or request_fields(hole.table, before=hole.prompt)) if is_guided else None,
            **{"temperature": 0.0, **options},
        )
        for hole, is_guided in asked
    ]
    answers = engine.generate([hole.prompt for hole, _ in asked], parameters, use_tqdm=False)
    return [[one.text for one in answer.outputs] for answer in answers]


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_name_that_is_not_there_is_not_written(engine: LLM, hole: Hole) -> None:
    assert write(engine, [(hole, False)]) == [[hole.free]]
    assert write(engine, [(hole, True)]) == [[hole.guided]]


def test_more_requests_than_there_is_room_for_are_guided_each_by_its_own_table(engine: LLM) -> None:
    """Slots are handed on between guided requests and others, some are preempted, and prompts come from the cache."""
    asked = [(hole, (place + turn) % 3 != 0) for turn in range(2) for place, hole in enumerate(HOLES)]
    assert write(engine, asked) == [[hole.guided if is_guided else hole.free] for hole, is_guided in asked]
    preempted = [one.value for one in engine.get_metrics() if one.name == "vllm:num_preemptions"]
    assert sum(preempted) > 0


def test_several_samples_of_one_request_are_all_guided(engine: LLM) -> None:
    hole = HOLES[0]
    (free,) = write(engine, [(hole, False)], n=SAMPLES, temperature=1.0)
    (guided,) = write(engine, [(hole, True)], n=SAMPLES, temperature=1.0)
    assert any(invented(text, hole) for text in free)
    assert not any(invented(text, hole) for text in guided)


def test_a_table_may_be_named_by_its_digest_once_it_was_sent(engine: LLM) -> None:
    hole = HOLES[1]
    write(engine, [(hole, True)])
    named = request_fields(hole.table, before=hole.prompt, by_digest=True)
    assert len(named[TABLE]) < 80
    assert write(engine, [(hole, True)], fields=named) == [[hole.guided]]


def test_a_guide_that_leaves_a_grammar_nothing_gives_way(engine: LLM) -> None:
    from vllm.sampling_params import StructuredOutputsParams

    hole = HOLES[0]
    grammar = StructuredOutputsParams(choice=[f" = json.{hole.script.wrong}"])
    written = write(engine, [(hole, True)], structured_outputs=grammar)
    assert written == [[f" = json.{hole.script.wrong}"]]


@pytest.mark.parametrize(
    "fields",
    [
        {TABLE: "zlib:no base64"},
        {TABLE: "sha256:0123"},
        {TABLE: 7},
        {**request_fields(HOLES[0].table, before="x"), "tracemend_before": "x" * 100_000},
    ],
)
def test_fields_that_cannot_be_used_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tracemend_|symbol table"):
        GuidePlugin.validate_params(SamplingParams(extra_args=fields))


def test_the_runner_is_the_one_asked_for(engine: LLM) -> None:
    executor = engine.llm_engine.engine_core.engine_core.model_executor
    bases = type(executor.driver_worker.worker.model_runner).__mro__
    assert any(base.__module__.startswith("vllm.v1.worker.gpu.") for base in bases) == (RUNNER == "v2")
