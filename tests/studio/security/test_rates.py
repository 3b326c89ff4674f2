"""How often one user may write, start and upload."""

from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver

from studio.actions.examples import install_examples
from studio.api import rates
from studio.api.operation import Operation
from studio.models import Workflow
from studio.setup import env
from studio.setup.rates import KEPT, Buckets, Rate, a_rate
from tests.studio.api import documents
from tests.studio.api.calls import Answer, Api


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def slow(settings: Any) -> None:
    settings.RATES = {"writes": Rate(3, 60), "starts": Rate(2, 60), "uploads": Rate(1, 60)}


def operations(resolver: URLResolver) -> set[tuple[str, str]]:
    """(name, method) of every operation that is not a read."""
    found = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found |= operations(entry)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", object)
            if issubclass(view, Operation):
                found |= {
                    (str(entry.name).removesuffix("-slash"), method)
                    for method in ("POST", "PUT", "PATCH", "DELETE")
                    if hasattr(view, method.lower())
                }
    return found


def test_only_operations_that_exist_are_counted_otherwise_than_as_writes() -> None:
    everything = operations(get_resolver("studio.urls"))

    assert set(rates.KINDS) <= everything
    assert {("graph-create", "POST"), ("api-tokens", "POST")} <= everything - set(rates.KINDS)


def is_refused(answer: Answer) -> bool:
    assert (answer.status == 429) == (answer.status > 201), answer.body
    if answer.status == 429:
        assert answer.code == "E_RATE"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert f"wait {answer.headers['Retry-After']} seconds" in answer.body["error"]["message"]
    return answer.status == 429


@pytest.mark.parametrize("path", ["/api/v1/workflows", "/graph/create", "/graph/create/"])
def test_sec_rate_limits(path: str, alice: User, bob: User, slow: None) -> None:
    """Who writes too fast is refused before anything is written; others are not slowed down."""
    api, other = Api(alice), Api(bob)
    body = documents.demo() if path.startswith("/graph") else {"name": "one of many"}

    assert [is_refused(api.post(path, body)) for _ in range(5)] == [False] * 3 + [True] * 2
    assert Workflow.objects.count() == 3
    assert not is_refused(other.post(path, body))
    assert api.get("/api/v1/workflows").status == 200


def test_sec_rate_limits_of_starts(alice: User, slow: None) -> None:
    """Every way to start a run takes from one bucket, whatever came of it."""
    api = Api(alice)
    made = api.post("/graph/create", documents.demo()).body["graph_id"]
    started = [
        api.post("/graph/run_async", {"graph_id": made}),
        api.post("/api/v1/runs", {"workflow": made}),
        api.post("/api/v1/runs", {"workflow": made}),
        api.post("/graph/run_async/", {"graph_id": made}),
        api.post("/graph/run", {"graph_id": made}),
    ]

    assert [is_refused(answer) for answer in started] == [False] * 2 + [True] * 3
    assert not is_refused(api.post("/api/v1/workflows", {"name": "another kind"}))


def test_sec_rate_limits_of_uploads(alice: User, slow: None) -> None:
    install_examples()
    api = Api(alice)

    assert [is_refused(api.post("/api/v1/reviews", {"code": "x = 1"})) for _ in range(2)] == [
        False,
        True,
    ]
    assert api.post("/api/v1/workflows/import", {"text": "{}"}).status == 429


def test_a_second_token_is_the_same_user(alice: User, slow: None) -> None:
    first, second = Api(alice), Api(alice)
    for _ in range(3):
        first.post("/api/v1/workflows", {"name": "one"})

    assert second.post("/api/v1/workflows", {"name": "one"}).status == 429


def test_saving_drafts_and_cancelling_are_never_refused(alice: User, slow: None) -> None:
    api = Api(alice)
    made = api.post("/api/v1/workflows", {"name": "typed"}).body
    run = api.post("/graph/create", documents.demo()).body["graph_id"]
    run = api.post("/graph/run_async", {"graph_id": run}).body["run_id"]
    for rev in range(made["rev"], made["rev"] + 30):
        saved = api.put(
            f"/api/v1/workflows/{made['id']}/draft",
            {"document": made["draft"]},
            If_Match=f'"{rev}"',
        )
        assert saved.status == 200, saved.body
        assert api.post(f"/api/v1/runs/{run}/cancel", {}).status == 202


def test_a_limit_can_be_switched_off(alice: User, settings: Any) -> None:
    settings.RATES = {"writes": None, "starts": None, "uploads": None}
    api = Api(alice)

    assert {api.post("/api/v1/workflows", {"name": "n"}).status for _ in range(20)} == {201}


def test_counting_costs_little(alice: User, settings: Any) -> None:
    """The start of a run must not feel it: 30 µs at the very most."""
    settings.RATES = {"starts": Rate(1_000_000, 1)}
    match = SimpleNamespace(url_name="graph-run-async")
    request: Any = SimpleNamespace(resolver_match=match, method="POST", user=alice)
    taken = []
    for _ in range(5):
        started = perf_counter()
        for _ in range(2_000):
            rates.check(request)
        taken.append((perf_counter() - started) / 2_000)

    assert min(taken) < 30e-6


def test_a_bucket_takes_a_burst_and_refills_steadily() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(60, 60)

    assert [buckets.take("ann", rate) for _ in range(60)] == [0] * 60
    assert buckets.take("ann", rate) == 1
    clock.now += 0.5
    assert buckets.take("ann", rate) == 1
    clock.now += 0.5
    assert [buckets.take("ann", rate) for _ in range(2)] == [0, 1]
    clock.now += 3_600
    assert [buckets.take("ann", rate) for _ in range(61)] == [0] * 60 + [1]


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(3, 60), Rate(7, 3600), Rate(1_000, 1)])
def test_waiting_as_told_is_enough(rate: Rate) -> None:
    clock = Clock()
    buckets = Buckets(clock)
    for _ in range(rate.count):
        assert buckets.take("ann", rate) == 0
    clock.now += buckets.take("ann", rate)

    assert buckets.take("ann", rate) == 0


def test_buckets_that_are_full_again_take_no_memory() -> None:
    clock = Clock()
    buckets, rate = Buckets(clock), Rate(1, 1)
    for user in range(5 * KEPT):
        buckets.take(user, rate)
        clock.now += 0.01

    assert len(buckets) <= KEPT


@pytest.mark.parametrize(
    ("text", "rate"),
    [("60/min", Rate(60, 60)), ("1/s", Rate(1, 1)), ("5/h", Rate(5, 3600)), ("OFF", None)],
)
def test_rates_as_people_write_them(text: str, rate: Rate | None) -> None:
    assert a_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["0/min", "60", "60/day", "-1/s", "1.5/s", "60 /min", "x/s", "٣/s"]
)
def test_rates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(env.SettingError, match=r"TREADLE_RATE_WRITES=.*such as 60/min, or off"):
        env.read_all({"TREADLE_RATE_WRITES": text})
