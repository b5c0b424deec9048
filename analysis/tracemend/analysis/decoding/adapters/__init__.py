"""Guides on real engines: each module fits the masks of `decoding` to the way one engine lets logits be changed.

`requests` is what travels with a request to an engine in another process, `sequences` follows the tokens of a sequence,
`rows` forbids tokens in a row of logits. `vllm_plugin`, `transformers_processor` and `llama_processor` are the engines
that let us at the logits, each importing its engine lazily or being imported by it alone; `grammars` is for stock
servers, which take a grammar. An adapter asks no clock and no network: what it forbids is a pure function of the
request and of the token ids, so that the ranks of one model cannot disagree.
"""
