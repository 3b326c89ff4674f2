"""Durable steps, beside what others do to keep theirs."""
