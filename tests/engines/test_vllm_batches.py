"""The plug-in under batches that a small model on a CPU does not bring about, made by hand for both interfaces.

A row of equal logits goes in; which names' tokens come out alive shows whose guide the row was given, and how far that
had read.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

if importlib.util.find_spec("vllm") is None:
    pytest.skip("there is no vLLM in this environment", allow_module_level=True)

from engines.runners import prepare_runner

prepare_runner()

import numpy as np
import torch
from engines.scenes import Hole, holes, scripted_folder
from transformers import AutoTokenizer
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import BatchUpdate, MoveDirectionality

from tracemend.analysis.decoding.adapters import vllm_plugin
from tracemend.analysis.decoding.adapters.requests import request_fields
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import Mask, TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary

JSON, ITEMS, TEXT, PATH, _ = holes()
PROMPT_LENGTH = 5


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(scripted_folder())


@pytest.fixture(autouse=True)
def masks(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = TokenMasks(Vocabulary.of_huggingface(tokenizer))
    monkeypatch.setattr(vllm_plugin, "_masks_for", lambda config: one)


def guided(hole: Hole) -> SamplingParams:
    return SamplingParams(extra_args=request_fields(hole.table, before=hole.prompt))


class Rows:
    """What a processor left alive of each row of equal logits."""

    def __init__(self, tokenizer: Any, logits: torch.Tensor) -> None:
        self._tokenizer = tokenizer
        self._logits = logits

    def open_to(self, row: int, name: str) -> bool:
        """Say whether the first token of `name` may be sampled in `row`."""
        token = self._tokenizer(name, add_special_tokens=False).input_ids[0]
        return bool(self._logits[row, token] > float("-inf"))


class V1:
    """The plug-in as the V1 runner drives it."""

    def __init__(self, tokenizer: Any) -> None:
        self.plugin = vllm_plugin.GuidePlugin(object_with_identity(), torch.device("cpu"), False)
        self._tokenizer = tokenizer

    def update(
        self,
        added: Sequence[tuple[int, SamplingParams, list[int]]] = (),
        removed: Sequence[int] = (),
        moved: Sequence[tuple[int, int, MoveDirectionality]] = (),
    ) -> None:
        rows = [(row, parameters, [0] * PROMPT_LENGTH, output) for row, parameters, output in added]
        self.plugin.update_state(BatchUpdate(4, removed=list(removed), added=rows, moved=list(moved)))

    def apply(self, rows: int = 4) -> Rows:
        return Rows(self._tokenizer, self.plugin.apply(torch.zeros(rows, len(self._tokenizer))))


class V2:
    """The plug-in as the V2 runner drives it, with tokens in slots."""

    def __init__(self, tokenizer: Any, slots: int = 4) -> None:
        self.tokens = torch.zeros(slots, 64, dtype=torch.int32)
        states = SimpleNamespace(
            all_token_ids=SimpleNamespace(gpu=self.tokens),
            prompt_len=SimpleNamespace(np=np.full(slots, PROMPT_LENGTH)),
        )
        self.plugin = vllm_plugin.GuidePlugin(object_with_identity(), states)
        self._tokenizer = tokenizer

    def apply(self, *rows: tuple[int, list[int], list[int]]) -> Rows:
        """Apply to requests given as slot, committed output and drafted tokens."""
        layout = []
        for slot, output, drafts in rows:
            self.tokens[slot, PROMPT_LENGTH : PROMPT_LENGTH + len(output)] = torch.tensor(output)
            last = PROMPT_LENGTH + len(output) - 1
            inputs = [int(self.tokens[slot, last]), *drafts]
            layout += [(slot, place, last + place, token) for place, token in enumerate(inputs)]
        mapping, places, positions, inputs = torch.tensor(layout, dtype=torch.int32).T
        context = SimpleNamespace(
            expanded_idx_mapping=mapping,
            expanded_local_pos=places,
            pos=positions,
            input_ids=inputs,
            idx_mapping_np=np.array([slot for slot, _, _ in rows]),
        )
        return Rows(
            self._tokenizer, self.plugin.apply(torch.zeros(len(layout), len(self._tokenizer)), context)
        )


def object_with_identity() -> Any:
    """Return a configuration of its own, by which the plug-in tells engines apart."""
    return SimpleNamespace(model_config=None)


def ids(tokenizer: Any, text: str) -> list[int]:
    found: list[int] = tokenizer(text, add_special_tokens=False).input_ids
    return found


def test_v1_rows_that_change_places_keep_their_guides(tokenizer: Any) -> None:
    v1 = V1(tokenizer)
    first, second = ids(tokenizer, " = json."), ids(tokenizer, " self.items.")
    v1.update(added=[(0, guided(JSON), first), (1, guided(ITEMS), second)])
    v1.update(moved=[(0, 1, MoveDirectionality.SWAP)])
    rows = v1.apply()
    assert rows.open_to(0, "append") and not rows.open_to(0, "load")
    assert rows.open_to(1, "load") and not rows.open_to(1, "append")
    v1.update(removed=[0], moved=[(1, 0, MoveDirectionality.UNIDIRECTIONAL)])
    rows = v1.apply()
    assert rows.open_to(0, "load") and not rows.open_to(0, "append")
    assert rows.open_to(1, "nothing")


def test_v1_a_preempted_request_comes_back_with_what_it_had_written(tokenizer: Any) -> None:
    v1 = V1(tokenizer)
    v1.update(added=[(2, guided(TEXT), [])])
    v1.update(removed=[2])
    v1.update(added=[(0, guided(TEXT), ids(tokenizer, " text."))])
    assert not v1.apply().open_to(0, "toUpper")


def test_v1_a_token_that_is_not_known_yet_makes_it_silent_until_it_is(tokenizer: Any) -> None:
    v1 = V1(tokenizer)
    output = ids(tokenizer, " = json")
    v1.update(added=[(0, guided(JSON), output)])
    output.append(-1)
    assert v1.apply().open_to(0, "append")
    output[-1:] = ids(tokenizer, ".")
    assert not v1.apply().open_to(0, "append")


def test_a_name_that_is_begun_is_brought_to_a_legal_end_however_sure_the_model_is(tokenizer: Any) -> None:
    v1 = V1(tokenizer)
    v1.update(added=[(0, guided(PATH), ids(tokenizer, " os.path.exist"))])
    logits = torch.zeros(1, len(tokenizer))
    logits[0, ids(tokenizer, "(")] = 40.0
    rows = Rows(tokenizer, v1.plugin.apply(logits))
    assert rows.open_to(0, "s") and not rows.open_to(0, "(")


def test_v2_slots_are_handed_on_without_their_guides(tokenizer: Any) -> None:
    v2 = V2(tokenizer)
    assert v2.plugin.add_request(1, guided(JSON))
    assert not v2.apply((1, ids(tokenizer, " = json."), [])).open_to(0, "append")
    assert not v2.plugin.add_request(1, SamplingParams())
    assert v2.apply((1, ids(tokenizer, " = json."), [])).open_to(0, "append")
    assert v2.plugin.add_request(1, guided(ITEMS))
    assert v2.apply((1, ids(tokenizer, " self.items."), [])).open_to(0, "append")


def test_v2_a_request_that_brings_nonsense_is_served_without_a_guide(tokenizer: Any) -> None:
    v2 = V2(tokenizer)
    assert not v2.plugin.add_request(0, SamplingParams(extra_args={"tracemend_table": "sha256:unknown"}))
    assert not v2.plugin.add_request(0, SamplingParams(extra_args={"tracemend_table": 7}))


def test_v2_each_draft_has_a_row_that_is_judged_behind_those_before_it(tokenizer: Any) -> None:
    v2 = V2(tokenizer)
    v2.plugin.add_request(3, guided(JSON))
    v2.plugin.add_request(0, guided(TEXT))
    drafts = ids(tokenizer, " json.")
    rows = v2.apply((0, ids(tokenizer, " text."), []), (3, ids(tokenizer, " ="), drafts))
    assert not rows.open_to(0, "load")
    assert rows.open_to(1, "append")
    assert rows.open_to(len(drafts) + 1, "load") and not rows.open_to(len(drafts) + 1, "append")


def test_v2_drafts_that_are_refused_leave_no_trace(tokenizer: Any) -> None:
    v2 = V2(tokenizer)
    v2.plugin.add_request(0, guided(JSON))
    start = ids(tokenizer, " =")
    v2.apply((0, start, ids(tokenizer, " other.")))
    v2.apply((0, start + ids(tokenizer, " json"), ids(tokenizer, ".append")))
    rows = v2.apply((0, start + ids(tokenizer, " json."), []))
    assert rows.open_to(0, "load") and not rows.open_to(0, "append")


def test_v2_nothing_is_judged_while_the_prompt_is_read_in_pieces(tokenizer: Any) -> None:
    v2 = V2(tokenizer)
    v2.plugin.add_request(0, guided(JSON))
    v2.tokens[0, :PROMPT_LENGTH] = 1
    context = SimpleNamespace(
        expanded_idx_mapping=torch.tensor([0]),
        expanded_local_pos=torch.tensor([0]),
        pos=torch.tensor([PROMPT_LENGTH - 3]),
        input_ids=torch.tensor([1]),
        idx_mapping_np=np.array([0]),
    )
    logits = torch.zeros(1, len(tokenizer))
    assert v2.plugin.apply(logits, context).isfinite().all()
    rows = v2.apply((0, ids(tokenizer, " = json."), []))
    assert rows.open_to(0, "load") and not rows.open_to(0, "append")


@pytest.fixture
def defective(masks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every mask behind `text.` fail."""
    made = TokenMasks.mask

    def fail_behind_text(self: TokenMasks, guide: Guide) -> Mask | None:
        if guide.legal is not None and "upper" in guide.legal:
            raise ArithmeticError("a defect")
        return made(self, guide)

    monkeypatch.setattr(TokenMasks, "mask", fail_behind_text)


def test_v1_a_defect_costs_only_the_request_that_shows_it_its_guide(tokenizer: Any, defective: None) -> None:
    v1 = V1(tokenizer)
    outputs = [ids(tokenizer, text) for text in (" = json.", " text.", " self.items.")]
    v1.update(added=[(row, guided(hole), outputs[row]) for row, hole in enumerate((JSON, TEXT, ITEMS))])
    for _ in range(2):
        rows = v1.apply()
        assert not rows.open_to(0, "append") and not rows.open_to(2, "load")
        assert rows.open_to(1, "append") and rows.open_to(1, "upper")


def test_v2_a_defect_costs_only_the_request_that_shows_it_its_guide(tokenizer: Any, defective: None) -> None:
    v2 = V2(tokenizer)
    for slot, hole in enumerate((JSON, TEXT, ITEMS)):
        v2.plugin.add_request(slot, guided(hole))
    texts = (" = json.", " text.", " self.items.")
    for _ in range(2):
        rows = v2.apply(*((slot, ids(tokenizer, text), []) for slot, text in enumerate(texts)))
        assert not rows.open_to(0, "append") and not rows.open_to(2, "load")
        assert rows.open_to(1, "append") and rows.open_to(1, "upper")


def test_named_twice_for_one_engine_only_the_first_works(tokenizer: Any) -> None:
    config = object_with_identity()
    first = vllm_plugin.GuidePlugin(config, torch.device("cpu"), False)
    second = vllm_plugin.GuidePlugin(config, torch.device("cpu"), False)
    update = BatchUpdate(1, removed=[], added=[(0, guided(TEXT), [0], ids(tokenizer, " text."))], moved=[])
    for one in (first, second):
        one.update_state(update)
    assert second.apply(torch.zeros(1, len(tokenizer))).isfinite().all()
    assert not first.apply(torch.zeros(1, len(tokenizer))).isfinite().all()
