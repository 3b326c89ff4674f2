"""Reviewing code: the form that starts a review, and its report."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from studio.actions import reviews as actions
from studio.actions.errors import ActionError
from studio.journal import codec
from studio.models import Run
from studio.pages import boot
from studio.pages.found import person, run_or_404
from studio.pages.report import read_report
from studio.pages.review_sample import SAMPLE
from studio.pages.run_rows import run_row
from studio.queries import items, visible
from studio.queries import runs as queries
from studio.sentences import told

MOST_CODE = 512 * 1024
RECENT = 8
NOTHING = _("Paste some Python code first.")


class ReviewForm(forms.Form):
    code = forms.CharField(strip=False, max_length=MOST_CODE, error_messages={"required": NOTHING})
    quality_threshold = forms.FloatField(
        label=_("Stop at score"),
        min_value=0,
        max_value=10,
        initial=7,
        help_text=_("0 to 10"),
        widget=forms.NumberInput(attrs={"class": "input", "step": "0.5"}),
    )
    max_passes = forms.IntegerField(
        label=_("Passes, at most"),
        min_value=1,
        max_value=20,
        initial=8,
        help_text=_("Each pass makes one kind of fix"),
        widget=forms.NumberInput(attrs={"class": "input"}),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if actions.is_empty(code):
            raise forms.ValidationError(NOTHING)
        # Browsers send CRLF; files have LF.
        return code.replace("\r\n", "\n")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST starts a review and leads to its report."""
    form = _form(request)
    if form.is_bound and form.is_valid():
        run = _started(request, form)
        if run is not None:
            return redirect("review-run", run.public_id)
    context = {"form": form, "recent": _recent(request), "boot": _boot(None, None)}
    return render(request, "review/start.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest) -> ReviewForm:
    if request.method != "POST":
        return ReviewForm()
    if request.POST.get("sample"):
        kept = {name: request.POST.get(name) for name in ("quality_threshold", "max_passes")}
        return ReviewForm(initial={"code": SAMPLE, **{k: v for k, v in kept.items() if v}})
    return ReviewForm(request.POST)


def _started(request: HttpRequest, form: ReviewForm) -> Run | None:
    try:
        return actions.start_review(user=person(request), **form.cleaned_data)
    except ActionError as error:
        form.add_error("code" if error.status == 400 else None, told(error.message))
        return None


def _recent(request: HttpRequest) -> list[dict[str, Any]]:
    listed = visible.runs(request.user).filter(source="review").order_by("-id")[:RECENT]
    return [
        {
            "id": run.public_id,
            "status": run.status,
            "at": run.created_at,
            "score": _score(run),
        }
        for run in listed
    ]


def _score(run: Run) -> float | None:
    """The final score. Large values of the final state are references; a number never is."""
    state = codec.decode(run.final_state) if run.final_state else {}
    score = state.get("quality_score")
    return score if isinstance(score, int | float) else None


@login_required
def result(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_or_404(request, run_id)
    state = queries.view(run).state
    raw = state.get("report")
    if raw is None and run.source != "review":
        raise Http404("this run is no review")
    context = {
        "run": run_row(run),
        "report": read_report(raw, state.get("fixed_files")) if raw else None,
        "boot": _boot(items.run_full(run), raw),
    }
    return render(request, "review/result.html", context)


def _boot(run: items.Item | None, report: dict[str, Any] | None) -> boot.Boot:
    return {
        "page": "review",
        "run": run,
        "report": report,
        "sample": SAMPLE,
        "urls": boot.urls(ws="/ws/run/{id}", reviews="/api/v1/reviews"),
    }
