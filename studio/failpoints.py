"""Named places at which the crash tests kill the process. In production they do nothing."""

from collections.abc import Callable

hook: Callable[[str], None] | None = None


def reach(name: str) -> None:
    """The process is at the place of this name."""
    if hook is not None:
        hook(name)
