"""What a model wrote, read as an edit: `reading.read_answer` is the one entry.

`blocks` finds the code in the prose, `pieces` makes a syntax tree of it however it is indented, `splicing` puts its
definitions in place of those of a file, `replacing` applies search/replace blocks. Nothing here trusts the answer: it can
name no file but those that were shown, and what is not certain becomes a sentence for the model instead of an edit.
"""
