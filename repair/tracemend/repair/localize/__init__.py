"""Localizing: from red tests to ranked suspicious statements.

`spectrum` scores lines and functions by who executed them, `crash` reads the traceback, `dataflow` follows the names
of the failing line backwards, `changes` asks git what was touched last; `suspects` combines them. The search adds the
fifth source itself: candidates that change a failure raise their statement (`search.frontier`).
"""
