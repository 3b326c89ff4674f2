"""Random graphs against the reference engine, by the thousand: `python -m tests.properties`."""
