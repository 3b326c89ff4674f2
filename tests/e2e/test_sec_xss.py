"""Hostile text in every field is shown as text by a real browser: nothing of it runs."""

from itertools import pairwise

import pytest

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.live import LiveStudio

PAYLOADS = (
    "<script>window.__xss=1</script>",
    "<img src=x onerror=window.__xss=1>",
    '"><svg onload=window.__xss=1>',
    "</script><script>window.__xss=1</script>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'>",
    "javascript:window.__xss=1",
    "<a href=javascript:window.__xss=1>x</a>",
    "<style>@import '//evil.example'</style>",
    "${window.__xss=1}",
    "{{constructor.constructor('window.__xss=1')()}}",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.__xss=1>",
    "\u202e\u2066<b onmouseover=window.__xss=1>x</b>",
)


@pytest.fixture(scope="module")
def hostile(live_studio: LiveStudio) -> dict[str, str]:
    """A workflow whose every text is hostile, with a run, a failed run and a review of it."""
    everything = " ".join(PAYLOADS)
    nodes = {
        f"n{i}": {
            "type": "tool",
            "tool": "text.count",
            "title": payload[:60],
            "inputs": {"text": "text"},
        }
        for i, payload in enumerate(PAYLOADS)
    }
    names = list(nodes)
    document = {
        "format": "treadle/1",
        "key": "hostile",
        "name": PAYLOADS[0],
        "description": everything,
        "entry": names[:1],
        "nodes": nodes,
        "edges": [{"id": f"e{i}", "from": a, "to": b} for i, (a, b) in enumerate(pairwise(names))],
    }
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    tags = [payload[:40] for payload in PAYLOADS]
    make(live_studio, "PATCH", f"/api/v1/workflows/{workflow}", tags=tags)
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note=everything[:500])
    start = {"workflow": workflow, "tags": tags}
    state = {"text": everything, **{payload: payload for payload in PAYLOADS}}
    code = "\n".join(f"x{i} = {payload!r}  # {payload}" for i, payload in enumerate(PAYLOADS))
    return {
        "workflow": workflow,
        "run": make(live_studio, "POST", "/api/v1/runs?wait=20", **start, state=state)["id"],
        "failed": make(
            live_studio, "POST", "/api/v1/runs?wait=20", **start, state={"text": {everything: 1}}
        )["id"],
        "review": make(live_studio, "POST", "/api/v1/reviews", code=code)["id"],
    }


@pytest.mark.parametrize(
    "path",
    [
        "/workflows/",
        "/workflows/new",
        "/workflows/{workflow}/edit",
        "/workflows/{workflow}/run",
        "/workflows/{workflow}/versions/",
        "/workflows/{workflow}/runs/",
        "/workflows/{workflow}/delete",
        "/runs/",
        "/runs/{run}",
        "/runs/{run}?tab=state",
        "/runs/{failed}",
        "/review/",
        "/review/{review}",
        "/tools/text.count",
    ],
)
def test_sec_xss(path: str, hostile: dict[str, str], visitor: Watched) -> None:
    page = visitor.open(path.format(**hostile))
    page.wait_for_timeout(500)

    for element in page.locator("button:visible, summary:visible, tr:visible").all()[:40]:
        element.hover(timeout=2000, force=True)
    assert page.evaluate("window.__xss") is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_sec_xss_in_what_is_searched_for(payload: str, visitor: Watched) -> None:
    page = visitor.open("/workflows/")
    page.get_by_label("Search workflows").fill(payload)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workflows/?search=*")

    assert page.get_by_label("Search workflows").input_value() == payload
    assert page.evaluate("window.__xss") is None
