"""Keep: the store port, its in-memory implementation, and reading journals back."""
