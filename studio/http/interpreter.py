"""How the interpreter is set in a process that serves: once, when everything is imported."""

import gc
import sys

YOUNG = 10_000
"""New objects after which the young ones are looked through; a request makes some thousand."""
OLDER = (20, 50)
"""After how many looks at the young ones the older are looked at, and the oldest."""
TURN_S = 0.001
"""How long a thread that computes keeps the interpreter while others want it."""


def prepare() -> None:
    """Fewer looks at what stays for ever, shorter turns for tools that compute.

    A studio that has started holds some 400,000 objects that stay until it ends; looking through
    them again and again takes a tenth of the time of short requests. And a request changes threads
    a few times: with the usual turns of 5 ms it would wait that long each time beside one tool.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
    sys.setswitchinterval(TURN_S)
