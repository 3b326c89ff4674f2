"""Template tags."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.templatetags import treadle


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=5), "5 days ago"),
        (timedelta(days=-5), "in 5 days"),
        (timedelta(minutes=-30), "in 30 min"),
    ],
)
def test_moments_are_told_in_one_unit(past: timedelta, words: str) -> None:
    assert treadle.ago(timezone.now() - past) == words


def test_a_moment_carries_its_exact_time() -> None:
    now = timezone.now()

    assert f'datetime="{now.isoformat(timespec="milliseconds")}"' in treadle.when(now)
    assert "never" in treadle.when(None)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (None, "–"),
        (0.4, "0.4 ms"),
        (340, "340 ms"),
        (12_400, "12.4 s"),
        (200_000, "3 min 20 s"),
        (7_500_000, "2 h 5 min"),
    ],
)
def test_durations(ms: float | None, words: str) -> None:
    assert treadle.duration(ms) == words


def test_a_score_is_rounded_down_so_that_it_never_seems_to_pass() -> None:
    assert [treadle.score(value) for value in (6.96, 7.0, 10, None)] == ["6.9", "7.0", "10.0", "–"]


def test_a_status_has_shape_word_and_colour() -> None:
    shown = treadle.status("failed")

    assert "#status-failed" in shown
    assert 'data-status="failed"' in shown
    assert ">failed<" in shown


def test_a_status_nobody_knows_is_escaped_and_has_the_plain_shape() -> None:
    shown = treadle.status('"><script>')

    assert "<script>" not in shown
    assert "#status-idle" in shown


def test_backticks_become_code_and_the_rest_is_escaped() -> None:
    assert treadle.codes("use `x < 1` <b>") == "use <code>x &lt; 1</code> &lt;b&gt;"
    assert treadle.codes("an odd ` one") == "an odd ` one"
