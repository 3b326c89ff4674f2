"""Decide: what follows from what happened. Pure functions of a graph and a marking."""
