"""The threads in which the studio calls sync tools."""

from django.db import connections

from engine import threads


class ToolThreads(threads.ToolThreads):
    """They leave no database connection of a tool behind."""

    def leave(self) -> None:
        """Close what the tool opened."""
        for connection in connections.all(initialized_only=True):
            connection.close()
