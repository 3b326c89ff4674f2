"""Who may drive a run: leases, whose turn it is, limits of runs at once."""
