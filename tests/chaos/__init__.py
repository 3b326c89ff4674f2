"""Chaos: workers that are killed, stopped and woken while their database and broker go away."""
