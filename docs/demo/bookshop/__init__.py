"""A bookshop: a cart with prices, a catalogue with pages, monthly sales."""
