"""How much of a graph one kind of check looks at, so that none takes long on any graph."""

LOOKS = 100_000
"""Looks at an edge or a node that one kind of check has. Graphs as people draw them need a few for
each of their edges; only loops or joins nested by the thousand need more."""


class Effort:
    """Counts the looks of one kind of check. Once they are used up it says nothing more."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = LOOKS

    def take(self, looks: int = 1) -> bool:
        """Use so many looks; false once there are none left."""
        self.left -= looks
        return self.left >= 0
