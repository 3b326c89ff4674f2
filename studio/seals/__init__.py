"""What the database must not show, and what shows that it was altered."""
