"""Numbers are written as readers write them, and as drawings and programs read them."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import translation

from studio.actions.workflows import create_workflow
from studio.pages.report import read_report
from studio.templatetags import treadle as tags
from tests.studio import build
from tests.studio.pages.conftest import Visit

REPORT = {
    "quality_score": 5.71,
    "quality_threshold": 7.25,
    "score_course": [
        {"pass": 0, "score": 4.14, "findings": 5},
        {"pass": 1, "score": 5.71, "findings": 2},
    ],
}


def drawings(page: str) -> list[str]:
    """The elements of drawings, without what is said of them."""
    said = re.compile(r' (?:aria-label|title)="[^"]*"')
    tags_ = re.findall(r"<(?:svg|g|path|line|rect|circle|text)\b[^>]*>", page)
    return [said.sub("", tag) for tag in tags_]


@pytest.mark.parametrize("template", ["review/summary.html", "review/course.html"])
def test_the_drawings_of_a_report_are_alike_in_every_language(template: str) -> None:
    report = read_report(REPORT)
    context = {"report": report, "course": report.course}
    with translation.override("en"):
        english = render_to_string(template, context)
    with translation.override("de"):
        german = render_to_string(template, context)

    assert drawings(english) == drawings(german)
    assert "5,7" in german


@pytest.mark.django_db
def test_the_editors_first_picture_is_alike_in_every_language(alice: User, visit: Visit) -> None:
    document = {**build.chain("trial.count", 2), "layout": {"s1": [0.25, 0], "s2": [240.5, 7.5]}}
    workflow = create_workflow(user=alice, document=document)
    address = f"/workflows/{workflow.public_id}/edit"

    english = visit(alice).get(address).content.decode()
    german = visit(alice).get(address, headers={"accept-language": "de"}).content.decode()

    assert 'x="240.5"' in english
    assert drawings(english) == drawings(german)


def test_german_has_a_comma_where_people_read() -> None:
    with translation.override("de"):
        assert tags.duration(12_400) == "12,4 s"
        assert tags.duration(0.25) == "0,2 ms"
        assert tags.score(6.96) == "6,9"
        assert tags.status("failed").count("fehlgeschlagen") == 1
        assert 'data-status="failed"' in tags.status("failed")


def test_a_moment_keeps_its_form_for_machines() -> None:
    moment = datetime(2020, 3, 7, 8, 9, 10, tzinfo=UTC)
    with translation.override("de"):
        shown = tags.when(moment)

    assert 'datetime="2020-03-07T08:09:10.000+00:00"' in shown
    assert "7. Mär 2020, 08:09:10 UTC" in shown
