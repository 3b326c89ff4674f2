"""Making workflows: from a template, blank, from a file."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from studio.actions.workflows import create_workflow
from studio.journal import codec
from studio.models import Workflow
from tests.studio import build
from tests.studio.pages.conftest import Visit

URL = "/workflows/new"
IMPORT = "/workflows/import"
DEMO = {
    "nodes": [{"name": "a", "tool": "trial.count"}, {"name": "b", "tool": "trial.count"}],
    "edges": [{"from_node": "a", "to_node": "b"}],
    "start_node": "a",
}


def test_the_templates_are_the_shared_workflows(alice: User, visit: Visit) -> None:
    create_workflow(user=None, name="Shared one", document=build.chain("trial.count"))
    create_workflow(user=alice, name="My own", document=build.chain("trial.count"))

    found = visit(alice).get(URL).content.decode()

    assert "Shared one" in found
    assert "3 steps" in found
    assert "My own" not in found


def test_a_template_becomes_a_copy_of_ones_own(alice: User, visit: Visit) -> None:
    shared = create_workflow(user=None, name="Shared one", document=build.chain("trial.count"))

    response = visit(alice).post(URL, {"template": str(shared.public_id)})

    mine = Workflow.objects.get(owner=alice)
    assert response["Location"] == reverse("workflow-edit", args=[mine.public_id])
    assert mine.name == "Shared one"
    assert codec.decode(mine.draft)["nodes"] == codec.decode(shared.draft)["nodes"]


def test_blank_is_an_empty_document(alice: User, visit: Visit) -> None:
    visit(alice).post(URL)

    assert codec.decode(Workflow.objects.get(owner=alice).draft)["nodes"] == {}


@pytest.mark.parametrize("template", ["nonsense", "019a0000-0000-7000-8000-000000000000"])
def test_a_template_nobody_knows_is_not_found(template: str, alice: User, visit: Visit) -> None:
    assert visit(alice).post(URL, {"template": template}).status_code == 404
    assert not Workflow.objects.exists()


def test_pasted_json_yaml_and_demo_graphs_are_imported(alice: User, visit: Visit) -> None:
    client = visit(alice)
    native = json.dumps(build.chain("trial.count", key="pasted"))
    yaml = "format: treadle/1\nkey: y\nname: From YAML\nentry: []\nnodes: {}\nedges: []\n"

    for text in (native, yaml, json.dumps(DEMO)):
        assert client.post(IMPORT, {"text": text}).status_code == 302, text

    assert Workflow.objects.filter(owner=alice).count() == 3
    assert Workflow.objects.filter(name="From YAML").exists()


def test_a_file_is_imported(alice: User, visit: Visit) -> None:
    content = json.dumps({**build.chain("trial.count"), "name": "From a file"}).encode()

    response = visit(alice).post(IMPORT, {"file": SimpleUploadedFile("flow.json", content)})

    assert response.status_code == 302
    assert Workflow.objects.get(owner=alice).name == "From a file"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"format": "treadle/1"', '{"a": ' + "[" * 100_000, "key: [1", "\x00"],
)
def test_a_refused_document_comes_back_with_the_reason(
    text: str, alice: User, visit: Visit
) -> None:
    response = visit(alice).post(IMPORT, {"text": text})

    assert response.status_code in (400, 413, 422)
    assert "cannot be imported" in response.content.decode()
    assert not Workflow.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", b"x" * (2 * 1024 * 1024 + 1)])
def test_a_file_that_is_no_small_text_is_refused(content: bytes, alice: User, visit: Visit) -> None:
    response = visit(alice).post(IMPORT, {"file": SimpleUploadedFile("flow.json", content)})

    assert response.status_code in (400, 413)
    assert not Workflow.objects.exists()


def test_what_was_pasted_is_kept(alice: User, visit: Visit) -> None:
    found = visit(alice).post(IMPORT, {"text": '{"keep": "this'}).content.decode()

    assert "{&quot;keep&quot;: &quot;this" in found
