"""A draft may hold anything of the right outer shape; its pages show what can be shown."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.workflows import create_workflow
from tests.studio.pages.conftest import Visit

ODD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "nodes of every kind": {"nodes": {"a": None, "b": 3, "c": [], "d": {"tool": 7}, "e": "x"}},
    "edges of every kind": {
        "nodes": {"a": {}},
        "edges": [None, 1, "x", [], {}, {"from": 3, "to": {}}, {"from": "a", "to": "gone"}],
    },
    "an edge with odd members": {
        "nodes": {"a": {}},
        "edges": [{"from": "a", "to": "a", "when": 3, "max": "many", "on": [], "else": 0}],
    },
    "entries of every kind": {"nodes": {"a": {}}, "entry": [None, {}, 3, "a", "gone"]},
    "an entry that is a text": {"entry": "a", "nodes": {"a": {}}},
    "a state that is a list": {"state": [1]},
    "a schema that is a text": {"state": {"schema": "object"}},
    "a schema of odd members": {
        "state": {
            "schema": {
                "required": [1, None, "a"],
                "properties": {"a": 3, "b": {"type": ["x", 1]}, "c": {"enum": 3, "anyOf": 1}},
            },
            "defaults": "none",
        }
    },
    "a schema that points at itself": {
        "state": {"schema": {"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#/properties/b"}}}}
    },
    "a layout of texts": {"nodes": {"a": {}}, "layout": {"a": "left"}},
}


@pytest.mark.parametrize("name", ["workflow-edit", "workflow-run"])
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_draft_has_its_pages(name: str, odd: str, alice: User, visit: Visit) -> None:
    workflow = create_workflow(user=alice, document={"nodes": {}, "edges": [], **ODD[odd]})

    response = visit(alice).get(reverse(name, args=[workflow.public_id]))

    assert response.status_code == 200
    json.loads(json.dumps(response.context["boot"] if name == "workflow-edit" else {}))


def test_odd_templates_and_users_of_tools_break_no_list(alice: User, visit: Visit) -> None:
    for odd in ODD.values():
        document = {"nodes": {}, "edges": [], "meta": {"note": '"trial.count"'}, **odd}
        create_workflow(user=None, document=document)
    client = visit(alice)

    for url in ("/workflows/", "/workflows/new", "/tools/trial.count"):
        assert client.get(url).status_code == 200
