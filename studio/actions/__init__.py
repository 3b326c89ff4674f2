"""The verbs: one function each, keyword-only, one transaction with its audit row inside."""
