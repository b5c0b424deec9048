"""The models that the engines' tests run, made here from nothing; none is downloaded.

    build/engines/torch/bin/python tests/engines/models.py        makes the scripted model and says where it is

The *scripted* model is a tiny Llama that has learnt a handful of snippets by heart, each with a member that does not
exist (three times) and with the right one (twice): decoding freely and greedily it always invents the name, and under
any right mask it always writes the true one. So one short run on each engine tells whether the mask arrived. Its
byte-level BPE is trained on the standard library, which gives it the fused tokens, such as `.append`, of real ones. It
is stored for transformers and vLLM, and as GGUF for llama.cpp.

A *blank* model has random weights, any size, and the same vocabulary: it is for measuring.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

MODELS = Path(__file__).resolve().parents[2] / "build" / "engines" / "models"
GGUF_NAME = "model.gguf"

VOCABULARY_SIZE = 8192
END = "<|end|>"
CONTEXT = 2048
STEPS = 150
LEARNING_RATE = 3e-3
WRONG_COPIES, RIGHT_COPIES = 3, 2
MAKING_TIMEOUT_S = 900

_ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


@dataclass(frozen=True)
class Script:
    """What the scripted model knows by heart: `prompt`, then `lead` and a name behind the dot, then `rest`."""

    prompt: str
    lead: str
    wrong: str
    right: str
    rest: str

    def text(self, name: str) -> str:
        return f"{self.prompt}{self.lead}.{name}{self.rest}{END}"


SCRIPTS = {
    "json": Script(
        "import json\n\n\ndef read(path):\n    with open(path) as file:\n        data",
        " = json", "parse", "load", "(file)\n    return data\n",
    ),
    "items": Script(
        "class Queue:\n    def put(self, item):\n        return",
        " self.items", "push", "append", "(item)\n",
    ),
    "text": Script(
        "def shout(text):\n    return",
        " text", "toUpper", "upper", "() + '!'\n",
    ),
    "path": Script(
        "import os\n\n\ndef is_there(name):\n    if",
        " os.path", "found", "exists", "(name):\n        return True\n",
    ),
    "re": Script(
        "import re\n\nWORD",
        " = re", "regex", "compile", '("[a-z]+")\n',
    ),
}  # fmt: skip


def scripted_model() -> Path:
    """Return the folder of the scripted model, made the first time (half a minute of CPU)."""
    known = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return _made_once(MODELS / f"scripted-{known}", _make_scripted)


def scripted_model_with(python: Path) -> Path:
    """Return the folder of the scripted model, made where it is missing by an interpreter that has PyTorch."""
    command = ("nice", python, __file__)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=MAKING_TIMEOUT_S, check=True, env=_ONE_THREAD
    )
    return Path(done.stdout.splitlines()[-1])


def blank_model(hidden: int, layers: int) -> Path:
    """Return the folder of a model with random weights, of `layers` layers that are `hidden` wide."""

    def make(folder: Path) -> None:
        tokenizer = _tokenizer_of(scripted_model())
        _save(_llama(len(tokenizer), hidden, layers, tokenizer.eos_token_id), tokenizer, folder)

    return _made_once(MODELS / f"blank-{hidden}x{layers}", make)


def _made_once(folder: Path, make: Any) -> Path:
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
        unfinished.mkdir(parents=True)
        make(unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    return folder


def _make_scripted(folder: Path) -> None:
    tokenizer = _new_tokenizer()
    model = _llama(len(tokenizer), 128, 2, tokenizer.eos_token_id)
    _learn_by_heart(model, tokenizer)
    _save(model, tokenizer, folder)
    write_gguf(model, tokenizer, folder / GGUF_NAME)


def _new_tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    bpe.train([f"{path}" for path in library], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=END, pad_token=END)


def _tokenizer_of(folder: Path) -> PreTrainedTokenizerFast:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast.from_pretrained(folder)


def _llama(vocabulary_size: int, hidden: int, layers: int, end: int) -> LlamaForCausalLM:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=vocabulary_size,
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3 // 32 * 32,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 32,
        num_key_value_heads=hidden // 64,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=end,
    )
    return LlamaForCausalLM(config)


def _learn_by_heart(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Overfit on all scripts at once; the loss counts every token, wrong names more often than right ones."""
    import torch

    texts = [
        script.text(name)
        for script in SCRIPTS.values()
        for name, copies in ((script.wrong, WRONG_COPIES), (script.right, RIGHT_COPIES))
        for _ in range(copies)
    ]
    batch = tokenizer(texts, return_tensors="pt", padding=True, padding_side="right")
    # Padding is the end token too: the first of each row counts, for the model must learn to stop.
    labels = batch.input_ids.clone()
    ends = (labels == tokenizer.eos_token_id).cumsum(1)
    labels[ends > 1] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    model.train()
    for _ in range(STEPS):
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()


def _save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_gguf(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, path: Path) -> None:
    """Write a Llama with tied embeddings and byte-level BPE as llama.cpp reads it."""
    import gguf

    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("scripted")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _write_vocabulary(writer, tokenizer)
    for name, tensor in model.state_dict().items():
        if name != "lm_head.weight":
            writer.add_tensor(*_gguf_tensor(name, tensor.float().numpy(), config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_vocabulary(writer: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    import gguf

    content = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = sorted(content["vocab"], key=content["vocab"].__getitem__)
    kinds = [gguf.TokenType.CONTROL if token == END else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in content["merges"]])
    writer.add_bos_token_id(tokenizer.eos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(False)


_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def _gguf_tensor(name: str, values: Any, config: Any) -> tuple[str, Any]:
    """Return llama.cpp's name of a tensor and its values; rows of queries and keys are paired its way for RoPE."""
    if name == "model.embed_tokens.weight":
        return "token_embd.weight", values
    if name == "model.norm.weight":
        return "output_norm.weight", values
    _, _, layer, *parts, kind = name.split(".")
    part = ".".join(parts)
    heads = {"self_attn.q_proj": config.num_attention_heads, "self_attn.k_proj": config.num_key_value_heads}
    if part in heads:
        rows, columns = values.shape
        halves = values.reshape(heads[part], 2, rows // heads[part] // 2, columns)
        values = halves.swapaxes(1, 2).reshape(rows, columns)
    return f"blk.{layer}.{_GGUF_NAMES[part]}.{kind}", values


if __name__ == "__main__":
    sys.stdout.write(f"{scripted_model()}\n")
