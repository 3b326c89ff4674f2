"""Pages of large graphs: as much as a reader takes in, and a link to the rest."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow
from studio.pages.outline import MOST_STEPS
from tests.studio import build
from tests.studio.pages.conftest import Visit

COUNT = MOST_STEPS + 20


@pytest.mark.parametrize("parts", ["edit", "run"])
def test_the_first_steps_are_written_and_all_of_them_on_request(
    parts: str, alice: User, visit: Visit
) -> None:
    document = build.chain("trial.count", COUNT)
    if parts == "edit":
        draft = create_workflow(user=alice, document=document)
        url, every = reverse("workflow-edit", args=[draft.public_id]), "?outline=all"
    else:
        run = start_run(user=alice, version=build.published(document, alice))
        url, every = reverse("run", args=[run.public_id]), "?steps=all"
    browser = visit(alice)

    first, whole = browser.get(url), browser.get(url + every)

    assert (steps(first), steps(whole)) == (MOST_STEPS, COUNT)
    assert f'href="{every}"' in first.content.decode()
    assert f'href="{every}"' not in whole.content.decode()
    boot = first.context["boot"]
    assert len((boot.get("document") or boot["workflow"]["draft"])["nodes"]) == COUNT


def steps(response: object) -> int:
    context = response.context  # type: ignore[attr-defined]
    return len(context.get("outline") or context["steps"])
