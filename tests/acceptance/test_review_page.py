"""A real file pasted into the review page gives what the API gives."""

import re
import sysconfig
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveStudio

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = ("json/decoder.py", "textwrap.py", "sched.py")


class Visitor:
    """A browser without scripts: cookies, forms and redirects."""

    def __init__(self, studio: LiveStudio) -> None:
        self.url = studio.url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.submit(studio.sign_in_path())

    def get(self, path: str) -> str:
        with self._opener.open(self.url + path, timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    def submit(self, path: str, **fields: str) -> str:
        """Fill in the form of a page. Returns the address it leads to."""
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path)))
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(self.url + path, data=body)
        request.add_header("Referer", self.url + path)
        with self._opener.open(request, timeout=60) as answer:
            return str(answer.url)


def ended_report(studio: LiveStudio, run: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        _, review = studio.call("GET", f"/api/v1/reviews/{run}")
        if review["run"]["status"] not in ("queued", "running"):
            assert review["run"]["status"] == "completed", review["run"]["error"]
            return dict(review["report"])
        time.sleep(0.1)
    raise AssertionError("the review has not ended in a minute")


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """What a review says, without the name that a pasted text cannot have."""
    return {
        "score": report["quality_score"],
        "stop": report["stop_reason"],
        "course": report["score_course"],
        "issues": [(one["rule"], one["line"], one["column"]) for one in report["issues"]],
        "functions": [(one["name"], one["line"], one["cyclomatic"]) for one in report["functions"]],
        "passes": [(one["n"], one["group"], one["applied_count"]) for one in report["passes"]],
    }


@pytest.mark.parametrize("name", FILES)
def test_page_and_api_agree(live_studio: LiveStudio, name: str) -> None:
    text = (LIBRARY / name).read_text(encoding="utf-8")

    address = Visitor(live_studio).submit(
        "/review/", code=text, quality_threshold="7", max_passes="8"
    )
    by_page = ended_report(live_studio, address.rstrip("/").rsplit("/", 1)[1])
    _, run = live_studio.call(
        "POST", "/api/v1/reviews", {"files": [{"path": Path(name).name, "text": text}]}
    )
    by_api = ended_report(live_studio, run["id"])

    assert by_api["issues"]
    assert essence(by_page) == essence(by_api)
