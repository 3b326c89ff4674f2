"""What looks wrong in a valid graph, before it runs."""
