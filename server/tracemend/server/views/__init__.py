"""What was found, turned into what an editor can show: lines, values, sentences, edits.

Everything here is a pure function of records and texts. It knows neither the session nor LSP's messages, so that each
can be tested by a few lines of Python.
"""
