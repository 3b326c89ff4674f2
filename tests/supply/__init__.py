"""What Treadle is made of: the lock files, the look for known holes, and the bill of materials."""
