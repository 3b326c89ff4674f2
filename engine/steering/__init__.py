"""Runs that begin in the middle of another, and runs carried to another version."""
