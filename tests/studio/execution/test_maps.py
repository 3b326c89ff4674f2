"""Map nodes in the studio: driven, told, and found whole by the integrity check."""

import pytest

from studio.commandline.following import line_of
from studio.journal import codec, integrity
from studio.queries import runs
from tests.studio.execution.conftest import RunIt

pytestmark = pytest.mark.django_db(transaction=True)

MAP = {
    "format": "treadle/1",
    "key": "each",
    "name": "each",
    "entry": ["m"],
    "nodes": {
        "m": {
            "type": "map",
            "over": "texts",
            "as": "n",
            "body": {"tool": "trial.count"},
            "collect": {"sizes": "results.map(r, r.n)"},
        }
    },
    "edges": [],
}


def test_a_map_is_driven_and_told_by_one_node(run_it: RunIt) -> None:
    run = run_it(MAP, texts=[5, 6, 7])

    assert codec.decode(run.final_state or "")["sizes"] == [6, 7, 8]
    seen = runs.view(run)
    assert (seen.nodes["m"]["count"], seen.nodes["m"]["status"]) == (1, "ok")
    assert seen.nodes["m"]["items"] == {"done": 3, "failed": 0, "total": 3}
    assert [node for _, node, _ in seen.steps] == ["m"]
    assert list(integrity.flaws_of_run(run)) == []
    assert all(line_of(event) for event in runs.events(run, after=0, limit=100))


def test_big_results_of_items_are_kept_beside_the_journal(run_it: RunIt) -> None:
    document = {**MAP, "nodes": {"m": {**MAP["nodes"]["m"], "body": {"tool": "trial.big"}}}}  # type: ignore[index]
    document["nodes"]["m"]["collect"] = {"sizes": "results.map(r, size(r.text))"}

    run = run_it(document, texts=[1, 2])

    assert codec.decode(run.final_state or "")["sizes"] == [100_000, 100_000]
    assert list(integrity.flaws_of_run(run)) == []
