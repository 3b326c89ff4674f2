"""Live runs: rows are the stream, this is only how watchers learn that there are new ones."""
