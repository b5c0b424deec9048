"""Guides in vLLM: one logits processor for both of its interfaces, found by its entry point.

vLLM has two model runners. V1 tells a processor of every change of its batch (`update_state`) and shows it the growing
list of tokens of each request; V2, the default on GPUs since 0.31, hands out slots (`add_request`) and keeps the tokens
on the device. Each refuses a processor of the other's kind, so `GuidePlugin` is both. A request without our fields
(`requests`) costs nothing.

What the plug-in forbids is a pure function of the request and its tokens. The engine serves other people's requests
too, and neither a defect of ours nor a tokenizer that we cannot read may end it: then nothing is forbidden, and the log
says why.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch  # type: ignore[import-not-found]
from platformdirs import user_cache_path
from vllm.v1.sample.logits_processor import (  # type: ignore[import-not-found]
    LogitsProcessor,
    MoveDirectionality,
)

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.masks import TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary

from .requests import HoleStore, UnreadableRequest
from .rows import TensorRows, least_share
from .sequences import TokenFollower

_Bases: tuple[type, ...]
try:  # vLLM 0.31 and later.
    from vllm.v1.worker.gpu.sample.logits_processor import (  # type: ignore[import-not-found]
        LogitsProcessor as LogitsProcessorV2,
    )

    _Bases = (LogitsProcessor, LogitsProcessorV2)
except ImportError:
    _Bases = (LogitsProcessor,)

logger = logging.getLogger("vllm.tracemend")  # Below vLLM's own logger, whose handlers print it.

# Of this process: vLLM validates requests in another one than that which samples.
_store = HoleStore()


@dataclass(slots=True)
class _Guided:
    """A request that is guided. `output` is V1's live list of tokens, `prompt_length` what V2 counts from."""

    follower: TokenFollower
    output: Sequence[int]
    prompt_length: int


class GuidePlugin(*_Bases):  # type: ignore[misc]
    """Forbids names that cannot be, in the requests that bring a symbol table."""

    # Where the plug-in is named on the command line as well as found by its entry point, vLLM makes two of it for one
    # engine, of which only the first is to work.
    _of_engine: ClassVar[weakref.WeakValueDictionary[int, GuidePlugin]] = weakref.WeakValueDictionary()

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Raise `ValueError`, which vLLM answers with HTTP 400, for fields that cannot be used."""
        _store.read(sampling_params.extra_args)

    def __init__(self, vllm_config: Any, states: Any, is_pin_memory: bool = False) -> None:
        """Take V2's states of requests, or V1's device, which tells the runners apart."""
        self._states: Any = states if hasattr(states, "all_token_ids") else None
        self._config = vllm_config
        self._guided: dict[int, _Guided] = {}  # By V1's row or V2's slot.
        self._rows = TensorRows()
        self._masks: TokenMasks | None = None
        first = self._of_engine.setdefault(id(vllm_config), self)
        if first is self:
            self._masks = _masks_for(vllm_config)

    # V1

    def is_argmax_invariant(self) -> bool:
        """Say that greedy requests must not skip us."""
        return False

    def update_state(self, batch_update: Any) -> None:
        """Follow the changes of V1's batch, in the order it prescribes: removed, added, moved."""
        if batch_update is None:
            return
        for row in batch_update.removed:
            self._guided.pop(row, None)
        for row, sampling_params, _, output in batch_update.added:
            self._begin(row, sampling_params.extra_args, output=output)
        for source, target, direction in batch_update.moved:
            moved, replaced = self._guided.pop(source, None), self._guided.pop(target, None)
            if moved is not None:
                self._guided[target] = moved
            if replaced is not None and direction == MoveDirectionality.SWAP:
                self._guided[source] = replaced

    # V2

    def add_request(self, slot: int, sampling_params: Any) -> bool:
        """Begin with a request in a slot, whoever had it before; say whether it is guided. Must not raise."""
        assert self._states is not None, "Expected V2's states of requests, saw V1's device."
        prompt_length = int(self._states.prompt_len.np[slot])
        return self._begin(slot, sampling_params.extra_args, prompt_length=prompt_length)

    # Both

    def apply(self, logits: Any, context: Any = None) -> Any:
        """Forbid in place what cannot be. V2 gives a context, V1 none."""
        if not self._guided or self._masks is None:
            return logits
        if context is None:
            self._apply_v1(logits)
        else:
            self._apply_v2(logits, context)
        return logits

    def _begin(
        self,
        key: int,
        fields: Mapping[str, object] | None,
        *,
        output: Sequence[int] = (),
        prompt_length: int = 0,
    ) -> bool:
        self._guided.pop(key, None)
        if self._masks is None:
            return False
        try:
            request = _store.read(fields)
            if request is not None:
                follower = TokenFollower(_store.guide(request), self._masks.vocabulary)
                self._guided[key] = _Guided(follower, output, prompt_length)
        except UnreadableRequest as error:  # Not refused where vLLM does not validate for entry points.
            logger.warning("A request is not guided: %s.", error)
        except Exception:
            logger.exception("A request is not guided, for a defect of tracemend")
        return key in self._guided

    def _apply_v1(self, logits: Any) -> None:
        for row, guided in tuple(self._guided.items()):
            with self._contained(row):
                guide = guided.follower.at(guided.output)
                if guide is not None:
                    self._forbid(logits, row, guide)

    def _apply_v2(self, logits: Any, context: Any) -> None:
        """Forbid in each guided row. A request has one, and one more for each token drafted by speculation."""
        if self._guided.keys().isdisjoint(context.idx_mapping_np.tolist()):
            return
        guide: Guide | None = None
        for row, (slot, draft, position, token) in enumerate(_layout(context)):
            guided = self._guided.get(slot)
            if guided is None:
                continue
            with self._contained(slot):
                if not draft:
                    guide = self._caught_up(guided.follower, slot, guided.prompt_length, position, token)
                elif guide is not None:
                    guide = guided.follower.drafted(guide, token)
                if guide is not None:
                    self._forbid(logits, row, guide)

    def _forbid(self, logits: Any, row: int, guide: Guide) -> None:
        assert self._masks is not None, "Expected masks where a request is guided, saw none."
        mask = self._masks.mask(guide)
        if mask is not None:
            self._rows.forbid(logits, row, mask, least_share(guide, mask))

    @contextmanager
    def _contained(self, key: int) -> Iterator[None]:
        """Let a defect of ours cost the guide of the one request that showed it, and nothing else."""
        try:
            yield
        except Exception:
            logger.exception("A request is no longer guided, for a defect of tracemend")
            self._guided.pop(key, None)

    def _caught_up(
        self, follower: TokenFollower, slot: int, prompt_length: int, position: int, token: int
    ) -> Guide | None:
        """Return the guide behind the token at `position`; None while the prompt is still being read.

        Mostly that token is the only new one and at hand. All others, such as accepted drafts or what was generated
        before a preemption, are asked of the device.
        """
        length = position + 1 - prompt_length
        if length < 0:
            return None
        if length == follower.length:
            return follower.extended(())
        if length == follower.length + 1:
            return follower.extended((token,))
        ids = self._states.all_token_ids.gpu[slot, prompt_length : position + 1].tolist()
        return follower.at(ids)


def _layout(context: Any) -> list[list[int]]:
    """Return slot, place among the rows of its request, position and input token of each row, in one copy."""
    columns = (context.expanded_idx_mapping, context.expanded_local_pos, context.pos, context.input_ids)
    rows: list[list[int]] = torch.stack([column.long() for column in columns], dim=1).tolist()
    return rows


def _masks_for(vllm_config: Any) -> TokenMasks | None:
    """Return the masks for the engine's tokenizer, None where there is none that we can read."""
    try:
        from vllm.tokenizers import cached_tokenizer_from_config  # type: ignore[import-not-found]

        vocabulary = Vocabulary.of_huggingface(cached_tokenizer_from_config(vllm_config.model_config))
    except Exception:
        logger.exception("Names are not guided: tracemend cannot read this model's tokenizer")
        return None
    return TokenMasks(vocabulary, user_cache_path("tracemend") / "decoding")
