"""What a run may not do is refused before it starts, as far as its graph tells."""

from functools import lru_cache

from django.contrib.auth.models import User

from engine import Graph
from engine.linting.secret_names import secret_names
from engine.said import listed, quoted, say
from studio.actions.errors import ActionError
from studio.queries.secrets import usable_by
from studio.setup import toolbox


def check_secrets(user: User | None, graph: Graph) -> None:
    """Raises ActionError for a secret named in the graph that runs of this user may not use."""
    asked = _asked(graph)
    if not asked:
        return
    mine = (
        usable_by(user.pk if user else None).filter(name__in=asked).values_list("name", flat=True)
    )
    missing = sorted(set(asked) - set(mine))
    if missing:
        details = [
            {
                "pointer": f"/nodes/{asked[name]}",
                "code": "E_SECRET",
                "message": say(
                    "It asks for the secret {name}, which your runs may not use.",
                    name=quoted(name),
                ),
                "hint": say(
                    "Make one of this name under Settings, Secrets, or ask an administrator."
                ),
            }
            for name in missing
        ]
        raise ActionError(
            "E_SECRET",
            say("Your runs have no secret {names}: see Settings, Secrets.", names=listed(missing)),
            403,
            details,
        )


def asks_for_secrets(graph: Graph) -> bool:
    """Whether the graph names any."""
    return bool(_asked(graph))


@lru_cache(maxsize=256)
def _asked(graph: Graph) -> dict[str, str]:
    return secret_names(graph, toolbox.registry())
