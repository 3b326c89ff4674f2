"""Reading rows for pages, API and sockets. What a user may see is decided in `visible` alone."""
