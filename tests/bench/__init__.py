"""Measurements beside other engines and servers. Not tests: `python -m tests.bench` runs them."""
