"""Where `make lock` and `make audit` run: `.venv-supply`, apart from what tests need."""

from tests.side_venv import SideVenv
from tests.supply import locks


def made() -> SideVenv:
    """The environment, made and filled if need be."""
    venv = SideVenv(locks.ROOT / ".venv-supply", locks.lock("requirements-supply"), "make lock")
    venv.make()
    return venv
