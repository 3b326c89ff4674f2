"""What the operator sets, and what is refused at the start."""
