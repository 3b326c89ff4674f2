"""A day of many runs on a virtual clock, with everything that happens to runs."""
