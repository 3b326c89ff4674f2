"""HTTP beneath the views: the one-hop handler, static files from memory, headers, limits."""
