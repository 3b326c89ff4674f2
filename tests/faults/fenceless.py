"""The negative control: drivers that do not stop when another one has their run.

A test that finds nothing wrong with these has not looked.
"""

from studio.journal import codec, writer
from studio.journal.buffer import RunJournal


def take_away() -> None:
    """A driver that meets somebody else's events writes on behind them, as if they were not there.

    For this process, from now on.
    """

    def catch_up(self: writer.Writer, journal: RunJournal) -> None:
        rows = self._connection.execute(codec.SELECT_EVENTS, (journal.run_id, journal.head))
        if rows:
            journal.head = int(rows[-1][0])

    assert writer.Writer.catch_up, "this is what has to be replaced"
    writer.Writer.catch_up = catch_up  # type: ignore[method-assign]
