"""What tests of workflows need: fake tools, the path a run took, and proof against timing.

from engine import VirtualClock, run
from engine.testing import FakeTools, assert_path, shuffle
"""

from engine.testing.fakes import FakeCall, FakeTools
from engine.testing.paths import assert_path, path_of
from engine.testing.people import aplay, play
from engine.testing.shuffling import Difference, ShuffleReport, ashuffle, shuffle, unpinned

__all__ = [
    "Difference",
    "FakeCall",
    "FakeTools",
    "ShuffleReport",
    "aplay",
    "ashuffle",
    "assert_path",
    "path_of",
    "play",
    "shuffle",
    "unpinned",
]
