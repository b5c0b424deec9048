"""Runs the trained model in NumPy, one token at a time, along a tree of continuations.

The arms of the experiment write from the same prompt and mostly agree, and a guide may take tokens back. So what was
computed for a token is kept with its place in the tree: whoever comes to the same place again gets the same scores for
nothing, and going back is only a matter of asking at an earlier place. The computation is that of Llama
(`transformers/models/llama/modeling_llama.py`); `check_against_transformers` compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Floats = NDArray[np.float32]
TokenPath = tuple[int, ...]  # The tokens written behind the prompt.


@dataclass(frozen=True)
class Layer:
    """The weights of one layer."""

    before_attention: Floats
    query: Floats
    key: Floats
    value: Floats
    out: Floats
    before_mlp: Floats
    gate: Floats
    up: Floats
    down: Floats


@dataclass(frozen=True)
class _Seen:
    """What attention has to know of the tokens so far in one layer: a key and a value for each of them."""

    keys: Floats
    values: Floats


class SmallModel:
    """A Llama with tied embeddings and a single key-value head, read from a Hugging Face model folder."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        assert config["num_key_value_heads"] == 1, "all heads are expected to share keys and values"
        weights = {
            name: np.asarray(one, np.float32) for name, one in load_file(folder / "model.safetensors").items()
        }
        self.context: int = config["max_position_embeddings"]
        self.heads: int = config["num_attention_heads"]
        self.epsilon: float = config["rms_norm_eps"]
        self.embeddings = weights["model.embed_tokens.weight"]
        self.last_norm = weights["model.norm.weight"]
        self.layers = tuple(_layer(weights, number) for number in range(config["num_hidden_layers"]))
        self._cosines, self._sines = _rotations(self.context, config["hidden_size"] // self.heads)

    def forward(self, tokens: Sequence[int], seen: Sequence[_Seen]) -> tuple[Floats, list[_Seen]]:
        """Return the scores of what follows `tokens`, which stand behind what was `seen`, and what is seen then."""
        first = len(seen[0].keys) if seen else 0
        places = slice(first, first + len(tokens))
        hidden = self.embeddings[list(tokens)]
        now: list[_Seen] = []
        for number, layer in enumerate(self.layers):
            attended, known = self._attend(layer, hidden, seen[number] if seen else None, places)
            now.append(known)
            hidden = hidden + attended
            normed = self._norm(hidden, layer.before_mlp)
            gate = normed @ layer.gate
            hidden = hidden + (gate / (1 + np.exp(-gate)) * (normed @ layer.up)) @ layer.down
        scores: Floats = self.embeddings @ self._norm(hidden[-1], self.last_norm)
        return scores, now

    def _attend(
        self, layer: Layer, hidden: Floats, seen: _Seen | None, places: slice
    ) -> tuple[Floats, _Seen]:
        normed = self._norm(hidden, layer.before_attention)
        cosines, sines = self._cosines[places], self._sines[places]
        width = cosines.shape[1]
        keys, values = _rotated(normed @ layer.key, cosines, sines), normed @ layer.value
        if seen is not None:
            keys, values = np.concatenate((seen.keys, keys)), np.concatenate((seen.values, values))
        asked = (normed @ layer.query).reshape(len(hidden), self.heads, width)
        queries = _rotated(asked, cosines[:, None], sines[:, None])
        weights = queries @ keys.T / np.sqrt(np.float32(width))
        later = np.arange(len(keys))[None, :] > np.arange(places.start, places.stop)[:, None]
        weights = np.where(later[:, None, :], -np.inf, weights)
        weights = np.exp(weights - weights.max(-1, keepdims=True))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ values
        return mixed.reshape(len(hidden), -1) @ layer.out, _Seen(keys, values)

    def _norm(self, hidden: Floats, weight: Floats) -> Floats:
        normed: Floats = hidden / np.sqrt((hidden * hidden).mean(-1, keepdims=True) + self.epsilon) * weight
        return normed


class Continuations:
    """All that was asked about one prompt: a tree of tokens, each with its scores."""

    def __init__(self, model: SmallModel, prompt: Sequence[int]) -> None:
        self._model = model
        self.room = model.context - len(prompt)
        self._known: dict[TokenPath, tuple[Floats, list[_Seen]]] = {(): model.forward(prompt, ())}

    def scores(self, path: TokenPath) -> Floats:
        """Return the score of every token behind `path`."""
        return self._reach(path)[0]

    def _reach(self, path: TokenPath) -> tuple[Floats, list[_Seen]]:
        if path not in self._known:
            _, seen = self._reach(path[:-1])
            self._known[path] = self._model.forward(path[-1:], seen)
        return self._known[path]


def check_against_transformers(folder: Path, prompt: Sequence[int]) -> float:
    """Return by how much the scores differ at most from those of the reference, token by token."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.no_grad():
        reference = (
            AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([list(prompt)])).logits[0].numpy()
        )
    half = len(prompt) // 2
    ours = Continuations(SmallModel(folder), prompt[:half])
    paths = [tuple(prompt[half:end]) for end in range(half, len(prompt) + 1)]
    return max(float(np.abs(ours.scores(path) - reference[half + len(path) - 1]).max()) for path in paths)


def _layer(weights: dict[str, Floats], number: int) -> Layer:
    def matrix(name: str) -> Floats:
        return np.ascontiguousarray(weights[f"model.layers.{number}.{name}.weight"].T)

    return Layer(
        matrix("input_layernorm"),
        matrix("self_attn.q_proj"),
        matrix("self_attn.k_proj"),
        matrix("self_attn.v_proj"),
        matrix("self_attn.o_proj"),
        matrix("post_attention_layernorm"),
        matrix("mlp.gate_proj"),
        matrix("mlp.up_proj"),
        matrix("mlp.down_proj"),
    )


def _rotations(places: int, width: int, base: float = 10000.0) -> tuple[Floats, Floats]:
    """Return cosine and sine of every angle of the rotary embedding, for each place."""
    frequencies = base ** -(np.arange(0, width, 2) / width)
    angles = np.arange(places)[:, None] * np.concatenate((frequencies, frequencies))[None, :]
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _rotated(vectors: Floats, cosines: Floats, sines: Floats) -> Floats:
    half = vectors.shape[-1] // 2
    turned = np.concatenate((-vectors[..., half:], vectors[..., :half]), -1)
    rotated: Floats = vectors * cosines + turned * sines
    return rotated
