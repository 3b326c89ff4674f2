"""The crash matrix: a process is killed at every failpoint, at every step, and again meanwhile."""
