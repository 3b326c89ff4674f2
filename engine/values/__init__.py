"""What a state holds: JSON values, the commits that change it, and how they are merged."""
