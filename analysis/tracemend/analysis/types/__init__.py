"""The static oracle: what an expression can be, what it has, and whether that answer is closed."""
