"""Text in, facts out.

Nothing in this room reads the disk, starts a process or runs user code; every value is immutable, so a running
request keeps a consistent view. Start with `syntax.module`, then `syntax.scopes` and `syntax.edits`.
"""
