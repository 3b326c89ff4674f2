"""Why a run waits, why an edge was taken, and where two runs part."""
