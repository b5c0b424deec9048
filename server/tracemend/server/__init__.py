"""The room that speaks to people and editors: the command line, and later the language server."""
