"""The Django project and app around the engine: tables, API, pages, sockets, admin, workers."""
