"""Content security policies: one for each kind of page, a nonce only where it is asked for."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from studio.http.csp import PAGE, Policy
from studio.http.security_headers import POLICIES, SecurityHeadersMiddleware


def answer_of(view: object) -> HttpResponse:
    middleware = SecurityHeadersMiddleware(view)  # type: ignore[arg-type]
    response = middleware(RequestFactory().get("/"))
    assert isinstance(response, HttpResponse)
    return response


def test_a_page_without_a_nonce_allows_no_style_element() -> None:
    policy = answer_of(lambda request: HttpResponse("<p>"))["Content-Security-Policy"]

    assert "style-src 'self';" in policy
    assert "nonce" not in policy


def test_a_nonce_that_a_page_used_is_in_its_policy_and_new_each_time() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{request.csp_nonce}")  # type: ignore[attr-defined]

    answers = [answer_of(view) for _ in range(2)]

    nonces = {answer.content.decode() for answer in answers}
    assert len(nonces) == 2
    for answer in answers:
        nonce = answer.content.decode()
        assert f"style-src 'self' 'nonce-{nonce}';" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/yaml", "text/plain", "image/svg+xml"]
)
def test_what_is_no_page_may_do_nothing(kind: str) -> None:
    response = answer_of(lambda request: HttpResponse("x", content_type=kind))

    policy = response["Content-Security-Policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["workflow-new", "workflow-edit", "run", "review", "review-run"])
def test_pages_with_islands_write_no_html(name: str) -> None:
    policy = POLICIES[name].text(None)

    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types treadle" in policy


def test_no_page_but_one_allows_inline_styles_and_none_inline_scripts() -> None:
    texts = {name: policy.text(None) for name, policy in POLICIES.items()}

    assert [name for name, text in texts.items() if "unsafe-inline" in text] == ["redoc"]
    assert all("script-src 'self';" in text for text in texts.values())
    assert not [text for text in texts.values() if "unsafe-eval" in text]
    assert "unsafe" not in Policy(PAGE).text("x")
