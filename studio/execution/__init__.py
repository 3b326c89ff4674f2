"""Driving runs: the process's engine thread, its driver pool, its sweeper and its heartbeat."""
