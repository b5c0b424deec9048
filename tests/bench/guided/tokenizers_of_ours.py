"""Two byte-level vocabularies of the same size, trained on the same text, which differ in one thing: who owns the dot.

Under `fused` the pieces that may become a token are those of cl100k (openai/tiktoken, `tiktoken_ext/openai_public.py`;
Llama 3 and Qwen use the same family): a letter run may take one character in front of it, so that `.append` is a token.
Under `split` they are those of GPT-2 (`openai/gpt-2`, `encoder.py`), where a dot stands alone. Published monitor-guided
decoding was measured on vocabularies of the second kind; nearly all models of today have one of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Style = Literal["fused", "split"]
STYLES: tuple[Style, ...] = ("fused", "split")
END_OF_TEXT = "<|endoftext|>"

_CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], style: Style, size: int) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE of `size` tokens trained on `texts`."""
    from transformers import PreTrainedTokenizerFast  # Takes seconds; who only writes needs none of it.

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _pieces(style)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END_OF_TEXT, clean_up_tokenization_spaces=False
    )


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer that was saved in `folder`."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _pieces(style: Style) -> pre_tokenizers.PreTokenizer:
    if style == "split":
        return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CL100K), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
