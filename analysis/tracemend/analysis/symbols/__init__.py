"""What modules define: summaries of source, stubs and compiled modules, found as the project's interpreter would."""
