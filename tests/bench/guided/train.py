"""Trains, from nothing, the small language model with which guided decoding is measured. No weights are downloaded.

    python tests/bench/guided/train.py --style fused --steps 680        # about 14 CPU minutes; resumes
    python tests/bench/guided/train.py --style split --steps 680

A Llama of 2.8 million parameters reads the standard library about once. It writes Python that looks right from near
and has no sense of what exists, which makes it a hard case: it invents members all the time. Everything follows from the
seed, the number of the step and that of all steps, so that an interrupted run goes on as if nothing had happened. The
result is an ordinary Hugging Face model folder, `build/guided/<style>/model`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import LlamaConfig, LlamaForCausalLM

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.corpus import read_corpus
from bench.guided.tokenizers_of_ours import STYLES, Style, train_tokenizer

WORK = Path(__file__).parents[3] / "build" / "guided"
SEED = 20261120
TOKENS = 8192
CONTEXT = 256
SEQUENCES = 16
WARM_UP_STEPS = 30
DECAY_FROM = 0.3  # The learning rate falls linearly over the rest, as the share of all steps.
MATRIX_RATE = 0.02  # For Muon.
OTHER_RATE = 3e-3  # For AdamW.
CHECKPOINT_EVERY_S = 60


@dataclass(frozen=True)
class Tokenized:
    """The corpus as token ids, the files joined by the end-of-text token."""

    training: NDArray[np.uint16]
    held_out: NDArray[np.uint16]
    held_out_bytes: int


def main() -> None:
    """Train up to the wanted step, write a checkpoint now and then, and export the model."""
    options = _options()
    torch.set_num_threads(options.threads)
    folder = options.work / options.style
    folder.mkdir(parents=True, exist_ok=True)
    tokenized = _tokenized(folder, options.style)
    training = Training(folder, options.steps)
    while training.step < options.steps:
        training.advance(tokenized.training)
    loss = training.loss_on(tokenized.held_out)
    bits = loss * len(tokenized.held_out) / tokenized.held_out_bytes / np.log(2)
    training.log(f"held out: {loss:.3f} nats a token, {bits:.3f} bits a byte")
    training.export(folder / "model")


class Training:
    """The model with its optimizers, at some step; made anew or from the checkpoint."""

    def __init__(self, folder: Path, steps: int) -> None:
        torch.manual_seed(SEED)
        self.step = 0
        self.cpu_s = 0.0
        self._folder = folder
        self._steps = steps
        self._model = LlamaForCausalLM(_config())
        matrices = [
            one for name, one in self._model.named_parameters() if one.ndim == 2 and "embed" not in name
        ]
        others = [one for name, one in self._model.named_parameters() if one.ndim != 2 or "embed" in name]
        self._optimizers: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.Muon(matrices, lr=MATRIX_RATE, weight_decay=0.01),
            torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.95), weight_decay=0.0),
        )
        self._rates = (MATRIX_RATE, OTHER_RATE)
        self._saved_at = time.monotonic()
        self._resume()

    def advance(self, tokens: NDArray[np.uint16]) -> None:
        """Take one step on sequences that the number of the step chooses."""
        started = time.process_time()
        chance = np.random.default_rng((SEED, self.step))
        starts = chance.integers(0, len(tokens) - CONTEXT - 1, SEQUENCES)
        batch = torch.from_numpy(
            np.stack([tokens[start : start + CONTEXT + 1] for start in starts]).astype(np.int64)
        )
        for optimizer, rate in zip(self._optimizers, self._rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * self._share()
        self._model.train()
        loss = self._loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.cpu_s += time.process_time() - started
        if self.step % 20 == 0:
            self.log(f"step {self.step}: loss {loss.item():.3f}, {self.cpu_s:.0f} CPU s")
        if time.monotonic() - self._saved_at > CHECKPOINT_EVERY_S or self.step == self._steps:
            self._save()

    @torch.no_grad()
    def loss_on(self, tokens: NDArray[np.uint16]) -> float:
        """Return the mean loss in nats a token, over whole contexts."""
        self._model.eval()
        whole = (len(tokens) - 1) // CONTEXT
        losses = []
        for first in range(0, whole, SEQUENCES):
            rows = [
                tokens[row * CONTEXT : (row + 1) * CONTEXT + 1]
                for row in range(first, min(first + SEQUENCES, whole))
            ]
            batch = torch.from_numpy(np.stack(rows).astype(np.int64))
            losses += [self._loss(batch).item()] * len(rows)
        return float(np.mean(losses))

    def export(self, folder: Path) -> None:
        """Write the model beside its tokenizer, in the form that Hugging Face's libraries read."""
        self._model.save_pretrained(folder)
        facts = {"steps": self.step, "cpu_s": round(self.cpu_s), "seed": SEED, "torch": torch.__version__}
        (folder / "training.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")

    def log(self, line: str) -> None:
        """Say `line`, and keep it."""
        print(line, flush=True)
        with (self._folder / "training.log").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _loss(self, batch: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._model(batch[:, :-1]).logits
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), batch[:, 1:].flatten())

    def _share(self) -> float:
        """Return the share of the full learning rate at this step: up, level, and down to nothing."""
        decay_start = self._steps * DECAY_FROM
        falling = (self._steps - self.step) / (self._steps - decay_start)
        return min((self.step + 1) / WARM_UP_STEPS, 1.0, max(falling, 0.02))

    def _resume(self) -> None:
        checkpoint = self._folder / "checkpoint.pt"
        if not checkpoint.exists():
            return
        state = torch.load(checkpoint, weights_only=True)
        self.step, self.cpu_s = state["step"], state["cpu_s"]
        self._model.load_state_dict(state["model"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.log(f"resumed at step {self.step}")

    def _save(self) -> None:
        """Write the checkpoint beside the old one, then put it in its place."""
        state = {
            "step": self.step,
            "cpu_s": self.cpu_s,
            "model": self._model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
        }
        written = self._folder / "checkpoint.new"
        torch.save(state, written)
        written.replace(self._folder / "checkpoint.pt")
        self._saved_at = time.monotonic()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", choices=STYLES, default="fused", help="which vocabulary")
    parser.add_argument("--steps", type=int, default=680, help=f"of {SEQUENCES * CONTEXT} tokens each")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def _config() -> LlamaConfig:
    return LlamaConfig(
        vocab_size=TOKENS,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=3,
        num_attention_heads=3,
        num_key_value_heads=1,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
    )


def _tokenized(folder: Path, style: Style) -> Tokenized:
    """Return the corpus as tokens, from the folder where it was tokenized before."""
    kept = folder / "tokens.npz"
    if not kept.exists():
        corpus = read_corpus()
        tokenizer = train_tokenizer(corpus.training, style, TOKENS)
        tokenizer.save_pretrained(folder / "model")
        parts = {
            name: _joined(tokenizer(list(texts))["input_ids"], tokenizer.eos_token_id)
            for name, texts in (("training", corpus.training), ("held_out", corpus.held_out))
        }
        held_out_bytes = sum(len(text.encode()) for text in corpus.held_out)
        np.savez(kept, **parts, held_out_bytes=held_out_bytes)
        facts = {
            "files": len(corpus.training),
            "held_out": corpus.held_out_names,
            "python": sys.version.split()[0],
        }
        tokens = {name: len(part) for name, part in parts.items()}
        (folder / "corpus.json").write_text(
            json.dumps(facts | {"tokens": tokens}, indent=1) + "\n", encoding="utf-8"
        )
    with np.load(kept) as stored:
        return Tokenized(stored["training"], stored["held_out"], int(stored["held_out_bytes"]))


def _joined(files: list[list[int]], end_of_text: int) -> NDArray[np.uint16]:
    return np.array([token for file in files for token in (*file, end_of_text)], dtype=np.uint16)


if __name__ == "__main__":
    main()
