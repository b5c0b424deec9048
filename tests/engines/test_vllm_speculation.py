"""The plug-in where vLLM drafts tokens ahead, which its V2 runner alone combines with processors."""

from __future__ import annotations

import importlib.util
import os

import pytest

if importlib.util.find_spec("vllm") is None:  # Importing it would settle the runner.
    pytest.skip("there is no vLLM in this environment", allow_module_level=True)

from engines.runners import RUNNER_VARIABLE, prepare_runner

os.environ[RUNNER_VARIABLE] = "v2"
prepare_runner()

from engines.scenes import MAX_TOKENS, holes, scripted_folder
from vllm import LLM, SamplingParams

from tracemend.analysis.decoding.adapters.requests import request_fields

HOLES = holes()


def test_drafts_are_judged_where_they_stand() -> None:
    """The drafts are taken from the prompt, behind which a copy of the invented line is put as a comment."""
    engine = LLM(
        f"{scripted_folder()}",
        max_model_len=256,
        max_num_seqs=4,
        enforce_eager=True,
        dtype="float32",
        speculative_config={
            "method": "ngram",
            "num_speculative_tokens": 2,
            "prompt_lookup_max": 2,
            "prompt_lookup_min": 1,
        },
        disable_log_stats=False,
    )
    parameters = [
        SamplingParams(
            max_tokens=MAX_TOKENS,
            temperature=0.0,
            extra_args=request_fields(hole.table, before=hole.prompt),
        )
        for hole in HOLES
    ]
    answers = engine.generate([hole.prompt for hole in HOLES], parameters, use_tqdm=False)
    assert [answer.outputs[0].text for answer in answers] == [hole.guided for hole in HOLES]
    drafted = [one.value for one in engine.get_metrics() if one.name == "vllm:spec_decode_num_draft_tokens"]
    assert sum(drafted) > 0
