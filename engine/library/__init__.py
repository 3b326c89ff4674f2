"""The tools and examples that ship with Treadle."""
