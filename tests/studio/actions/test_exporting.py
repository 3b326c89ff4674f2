"""Files of workflows: what goes in, in which order, and that it comes back the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import library
from engine.graph.document import _TOP as KNOWN_TOP
from studio.actions import document_text, exporting
from studio.actions.errors import InvalidDocument
from studio.actions.exporting import export_workflow, exported
from studio.actions.importing import import_workflow, read_document
from studio.actions.workflows import create_workflow, publish
from studio.journal import codec
from studio.models import Workflow
from tests.studio import build

EXAMPLES = sorted((Path(library.__file__).parent / "examples").glob("*.json"))
DEMO = {
    "nodes": [{"name": "a", "tool": "trial.count"}, {"name": "b", "tool": "trial.count"}],
    "edges": [{"from_node": "a", "to_node": "b"}],
    "start_node": "a",
}


@pytest.mark.django_db
@pytest.mark.parametrize("form", document_text.FORMATS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_export_import_export_is_equal_byte_by_byte(alice: User, path: Path, form: str) -> None:
    """In the same studio too, where the imported one gets another key in the lists."""
    document = json.loads(path.read_text(encoding="utf-8"))
    first = create_workflow(user=alice, document=document)
    text = export_workflow(workflow=first, format=form)

    second = import_workflow(user=alice, text=text, format=form)

    assert export_workflow(workflow=second, format=form) == text
    assert second.key != first.key
    assert second.published is None


@pytest.mark.django_db
def test_a_file_of_the_demo_becomes_a_native_one(alice: User) -> None:
    first = import_workflow(user=alice, text=json.dumps(DEMO), format="auto")
    text = export_workflow(workflow=first, format="yaml")

    again = import_workflow(user=alice, text=text, format="auto")

    assert export_workflow(workflow=again, format="yaml") == text
    assert text.startswith("format: treadle/1\n")


@pytest.mark.django_db
def test_a_node_an_edge_and_a_place_have_a_line_each_in_one_order(alice: User) -> None:
    document = build.chain("trial.count", 2)
    shuffled = {key: document[key] for key in sorted(document, reverse=True)}
    shuffled["nodes"] = {
        name: dict(sorted(node.items(), reverse=True)) for name, node in document["nodes"].items()
    }
    shuffled["layout"] = {"s1": [0, 0], "s2": [240, 0]}
    one = create_workflow(user=alice, document={**document, "layout": shuffled["layout"]})
    other = create_workflow(user=alice, document=shuffled, key=one.key, name=one.name)

    text = export_workflow(workflow=one)

    assert text.splitlines()[1:3] == ['  "format": "treadle/1",', f'  "key": "{one.key}",']
    assert '    "s1": {"type": "tool", "tool": "trial.count"' in text
    assert '    "s2": [240, 0]' in text.splitlines()
    assert export_workflow(workflow=other).replace(other.key, one.key) == text


@pytest.mark.django_db
def test_sec_nothing_but_the_document_goes_out(alice: User) -> None:
    """What the format does not know, and what is pinned, stays in the studio."""
    document: dict[str, Any] = build.chain("trial.count")
    document["nodes"]["s1"]["api_key"] = "sk-1234"
    document["edges"][0]["password"] = "hunter2"
    document |= {"owner": "alice", "token": "tdl_1", "secrets": {"a": "b"}}
    document["meta"] = {"pins": {"s1": {"card": "4111"}}, "notes": {"n": {"text": "kept"}}}
    workflow = create_workflow(user=alice, document=document)

    for form in document_text.FORMATS:
        text = export_workflow(workflow=workflow, format=form)
        for word in ("sk-1234", "hunter2", "owner", "tdl_1", "secrets", "4111", "pins"):
            assert word not in text
        assert "kept" in text


def test_every_key_of_the_format_is_exported() -> None:
    assert set(exporting.TOP) == KNOWN_TOP


@pytest.mark.django_db
def test_a_version_goes_out_as_it_was_published(alice: User) -> None:
    workflow = create_workflow(user=alice, document=build.chain("trial.count"))
    version = publish(user=alice, workflow=workflow)

    text = export_workflow(workflow=workflow, version=version)

    assert document_text.parse(text, "json") == codec.decode(version.document)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"nodes": []},
        {"nodes": {"a": 1, "b": {"type": 7}, "c": {"type": "none"}}, "edges": [3, {}]},
        {"meta": [], "layout": 3, "state": "x"},
    ],
)
def test_odd_drafts_are_exported_as_far_as_they_have_a_shape(odd: dict[str, Any]) -> None:
    for form in document_text.FORMATS:
        assert document_text.parse(document_text.dump(exported(odd), form), form) is not None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["nodes", "state", "name", "on", "x y"]), JSON))
def test_texts_read_back_as_what_was_written(document: dict[str, Any]) -> None:
    document = json.loads(json.dumps(document).replace("\\u0000", ""))
    for form in document_text.FORMATS:
        text = document_text.dump(document, form)
        assert document_text.parse(text, form) == document
        assert document_text.dump(document_text.parse(text, form), form) == text


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("a.YML", "{}", "yaml"),
        ("a.json", "a: 1", "json"),
        ("", "\ufeff\n {", "json"),
        ("", "format: treadle/1", "yaml"),
        ("notes.txt", "[1]", "json"),
    ],
)
def test_the_format_is_told_from_name_or_text(name: str, text: str, form: str) -> None:
    assert document_text.format_of(text, name) == form


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ('{"a": 1,\n "b" 2}', "json", "Line 2, column 6"),
        ('{"a": 1, "a": 2}', "json", "'a' is there twice"),
        ("a: 1\nb: [1", "yaml", "Line 3"),
        ("a: &b [1]\nc: *b", "yaml", "aliases"),
        ("- " * 100, "yaml", "nested deeper"),
        ("? [a]\n: 1", "yaml", "YAML"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, form: str, said: str) -> None:
    with pytest.raises(InvalidDocument, match=said) as caught:
        document_text.parse(text, form)
    assert caught.value.status == 400
    assert caught.value.details


def test_sec_a_yaml_bomb_is_refused_before_it_is_built() -> None:
    """Anchors that multiply are refused by their first alias, whatever they would stand for."""
    rows = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(InvalidDocument, match="aliases"):
        document_text.parse("\n".join(rows), "yaml")


@pytest.mark.django_db
def test_a_text_is_read_without_storing_anything(alice: User) -> None:
    document = build.chain("trial.count")
    document["nodes"]["s1"]["tool"] = "no.such"

    read = read_document(user=alice, text=document_text.dump(document, "yaml"))

    assert read.document is not None
    assert read.document["nodes"] == document["nodes"]
    assert [problem["pointer"] for problem in read.problems] == ["/nodes/s1/tool"]
    assert not Workflow.objects.exists()
    for text, said in (("format: other/1", '"format" must be'), ("[1]", "write an object")):
        nothing = read_document(user=alice, text=text)
        assert nothing.document is None
        assert said in nothing.problems[0]["message"]
