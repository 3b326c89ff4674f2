"""`orm.*`: rows of the operator's tables, and nothing else."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import checks

from engine import default_registry
from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.models import Run
from studio.setup import env
from studio.tools import orm
from tests.studio import build
from tests.studio.shop.models import Customer, Order

OPEN = (
    "shop.Order: id, number, customer*, status*, total*, at*, note*, more*, urgent*;"
    " shop.Customer: id, name*, joined"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def opened(settings: Any) -> None:
    settings.MODELS = env.open_models(OPEN)


@pytest.fixture
def ann(db: None) -> Customer:
    return Customer.objects.create(name="Ann", joined=date(2026, 1, 2))


@pytest.fixture
def orders(ann: Customer) -> list[Order]:
    bo = Customer.objects.create(name="Bo")
    made = [
        Order(customer=ann, status="new", total=Decimal("10.50"), note="Alpha"),
        Order(
            customer=ann, status="paid", total=Decimal("20"), at=datetime(2026, 5, 1, tzinfo=UTC)
        ),
        Order(customer=bo, status="new", total=Decimal("30"), more={"a": [1]}, urgent=True),
    ]
    return [order.save() or order for order in made]  # type: ignore[func-returns-value]


def ids(**inputs: Any) -> list[int]:
    return [row["id"] for row in orm.query("shop.Order", fields=["id"], **inputs)["rows"]]


def test_rows_come_as_json(orders: list[Order]) -> None:
    answer = orm.query("shop.Order", order=["-total"], limit=2)

    assert answer["more"] is True
    assert json.loads(json.dumps(answer["rows"][0])) == {
        "id": orders[2].pk,
        "number": str(orders[2].number),
        "customer": orders[2].customer_id,
        "status": "new",
        "total": "30.00",
        "at": None,
        "note": "",
        "more": {"a": [1]},
        "urgent": True,
    }
    assert answer["rows"][1]["at"] == "2026-05-01T00:00:00+00:00"
    assert orm.query("shop.Customer", {"name": "Ann"})["rows"] == [
        {"id": orders[0].customer_id, "name": "Ann", "joined": "2026-01-02"}
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, [0, 1, 2]),
        ({"status": "new"}, [0, 2]),
        ({"status": "new", "total__gt": "15"}, [2]),
        ({"total__lte": 20.0}, [0, 1]),
        ({"status__in": ["paid", "sent"]}, [1]),
        ({"note__icontains": "ALPH"}, [0]),
        ({"note__startswith": "%"}, []),
        ({"at": None}, [0, 2]),
        ({"at__isnull": False}, [1]),
        ({"at__gte": "2026-04-30T10:00:00Z"}, [1]),
        ({"urgent": True}, [2]),
        ({"total__in": []}, []),
    ],
)
def test_rows_are_compared(where: dict[str, Any], found: list[int], orders: list[Order]) -> None:
    assert ids(where=where) == [orders[index].pk for index in found]


def test_a_foreign_key_is_its_number(orders: list[Order], ann: Customer) -> None:
    assert ids(where={"customer": ann.pk}) == [orders[0].pk, orders[1].pk]


INJECTED = [
    {"customer__password__startswith": "h"},
    {"customer__name": "Ann"},
    {"customer_id": 1},
    {"password": "x"},
    {"pk": 1},
    {"id__regex": "."},
    {"note__iregex": ".*"},
    {"at__year": 2026},
    {"more__a": 1},
    {"more__a__0": 1},
    {"id) OR 1=1 --": 1},
    {"status__exact__in": ["new"]},
    {"__class__": 1},
    {"": 1},
    {"_state": 1},
    {"blob": 1},
]


@pytest.mark.parametrize("where", INJECTED, ids=str)
def test_sec_orm_only_open_columns_and_plain_lookups(
    where: dict[str, Any], orders: list[Order]
) -> None:
    with pytest.raises(ValueError, match=r"no open column|compare by"):
        orm.query("shop.Order", where)
    with pytest.raises(ValueError, match=r"no open column|compare by"):
        orm.update("shop.Order", where, {"note": "x"}, at_most=100)
    assert not Order.objects.filter(note="x").exists()


@pytest.mark.parametrize("name", ["password", "-password", "customer__name", "?", "pk", "blob", ""])
def test_sec_orm_order_and_fields(name: str, orders: list[Order]) -> None:
    with pytest.raises(ValueError, match="no open column"):
        orm.query("shop.Order", order=[name])
    with pytest.raises(ValueError, match="no open column"):
        orm.query("shop.Order", fields=[name])


@pytest.mark.parametrize(
    "model",
    ["auth.User", "studio.Secret", "sessions.Session", "shop.order", "shop.Payment", "shop", "",
     "shop.Order ", "admin.LogEntry"],
)  # fmt: skip
def test_sec_orm_closed_tables(model: str) -> None:
    for call in (
        lambda: orm.query(model),
        lambda: orm.create(model, {"name": "x"}),
        lambda: orm.update(model, {"id": 1}, {"name": "x"}),
    ):
        with pytest.raises(ValueError, match="is not open to workflows"):
            call()


@pytest.mark.parametrize(
    "where",
    [
        {"id": "x"}, {"id": {"a": 1}}, {"id__in": "abc"}, {"id__in": list(range(1_001))},
        {"number": "not a uuid"}, {"at__gte": "yesterday"}, {"total": "NaN or so"}, {"total": []},
        {"at__isnull": "yes"}, {"note__contains": 3}, {"urgent": "maybe"},
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told(where: dict[str, Any], orders: list[Order]) -> None:
    with pytest.raises(ValueError):
        orm.query("shop.Order", where)


@pytest.mark.parametrize("limit", [0, -1, 1_001])
def test_the_limit_is_bounded(limit: int) -> None:
    with pytest.raises(ValueError, match="limit is from 1"):
        orm.query("shop.Order", limit=limit)


def test_a_row_is_made(ann: Customer) -> None:
    answer = orm.create(
        "shop.Order", {"customer": ann.pk, "status": "new", "total": "9.99", "more": {"x": 1}}
    )

    order = Order.objects.get(pk=answer["id"])
    assert (order.customer, order.total, order.more) == (ann, Decimal("9.99"), {"x": 1})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"customer": 0, "status": "new"}, "customer: customer instance with id 0"),
        ({"status": "new"}, "customer: This field cannot be null"),
        ({"status": "lost"}, "status: Value 'lost' is not a valid choice"),
        ({"status": "sent"}, "nothing to send"),
        ({"status": "new", "total": -1}, "total: Ensure this value is greater"),
        ({"status": "new", "total": "x"}, "must be a decimal"),
        ({"id": 7}, "may be read, not written"),
        ({"number": "x"}, "may be read, not written"),
        ({"blob": "x"}, "no open column"),
        ({"customer_id": 1}, "no open column"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(
    values: dict[str, Any], said: str, ann: Customer
) -> None:
    given = {"customer": ann.pk, **values} if "status" in values and len(values) > 1 else values
    if values == {"status": "sent"}:
        given = {"customer": ann.pk, "status": "sent"}
    with pytest.raises(ValueError, match=said):
        orm.create("shop.Order", given)
    assert not Order.objects.exists()


def test_a_unique_name_is_told(ann: Customer) -> None:
    with pytest.raises(ValueError, match="name: Customer with this Name already exists"):
        orm.create("shop.Customer", {"name": "Ann"})


def test_rows_are_changed(orders: list[Order]) -> None:
    answer = orm.update("shop.Order", {"status": "new"}, {"status": "paid", "note": "x"}, at_most=2)

    assert answer == {"updated": 2, "ids": [orders[0].pk, orders[2].pk]}
    assert Order.objects.filter(status="paid", note="x").count() == 2
    assert orm.update("shop.Order", {"id": 0}, {"note": "y"}) == {"updated": 0, "ids": []}


@pytest.mark.parametrize(
    ("where", "values", "said"),
    [
        ({"status": "new"}, {"note": "x"}, "more than 1 rows of shop.Order fit"),
        ({}, {"note": "x"}, "where must not be empty"),
        ({"id": 1}, {}, "values must not be empty"),
        ({"note": "Alpha"}, {"status": "lost"}, "not a valid choice"),
        ({"note": "Alpha"}, {"number": "x"}, "not written"),
    ],
)
def test_a_change_that_goes_too_far_is_refused(
    where: dict[str, Any], values: dict[str, Any], said: str, orders: list[Order]
) -> None:
    before = list(Order.objects.order_by("pk").values())

    with pytest.raises(ValueError, match=said):
        orm.update("shop.Order", where, values)
    assert list(Order.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "text",
    ["shop", "shop.Order", "shop.Order:", "shop.Order: a b", "shop.Order: a;;b", "Order: id",
     "auth.User: id", "studio.Run: id", "shop.Order: id**", "shop.Order: id, *"],
)  # fmt: skip
def test_a_wrong_setting_is_refused(text: str) -> None:
    with pytest.raises(env.SettingError, match="TREADLE_MODELS"):
        env.read_all({"TREADLE_MODELS": text})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shop.Payment: id", "there is no shop.Payment"),
        ("stock.Item: id", "there is no stock.Item"),
        ("shop.Order: id, price", "has no field 'price'"),
        ("shop.Order: blob", "holds no plain value"),
        ("shop.Customer: order", "is no column"),
    ],
)
def test_what_is_not_there_stops_the_start(text: str, said: str, settings: Any) -> None:
    settings.MODELS = env.open_models(text)

    told = [str(check) for check in checks.run_checks(tags=[checks.Tags.security])]
    assert any(said in one for one in told), told


def test_apps_must_be_importable() -> None:
    assert env.importable("tests.studio.shop") == ["tests.studio.shop"]
    with pytest.raises(env.SettingError, match=r"no module 'no\.such'"):
        env.read_all({"TREADLE_APPS": "no.such"})


def rested(engine: Service, run: Run) -> Run:
    assert engine.wait_ended_blocking(run.public_id, 20)
    return Run.objects.get(pk=run.pk)


@pytest.mark.django_db(transaction=True)
def test_a_workflow_makes_changes_and_reads(engine: Service, alice: User) -> None:
    """The row and its step are one transaction; a step that fails leaves no row."""
    ann = Customer.objects.create(name="Ann")
    make = {"model": "'shop.Order'", "values": "{'customer': who, 'status': 'new', 'total': cost}"}
    document = {
        "format": "treadle/1", "key": "shop", "entry": ["make"],
        "nodes": {
            "make": {"type": "tool", "tool": "orm.create", "inputs": make,
                     "outputs": {"made": "result.id"}},
            "pay": {"type": "tool", "tool": "orm.update",
                    "inputs": {"model": "'shop.Order'", "where": "{'id': made}",
                               "values": "{'status': 'paid'}"}},
            "read": {"type": "tool", "tool": "orm.query",
                     "inputs": {"model": "'shop.Order'", "where": "{'status': 'paid'}"}},
        },
        "edges": [
            {"id": "1", "from": "make", "to": "pay"}, {"id": "2", "from": "pay", "to": "read"},
        ],
    }  # fmt: skip
    version = build.published(document, alice)
    good = rested(engine, start_run(user=alice, version=version, state={"who": ann.pk, "cost": 5}))
    bad = rested(engine, start_run(user=alice, version=version, state={"who": ann.pk, "cost": -5}))

    assert good.status == "completed", good.error
    assert json.loads(good.final_state or "")["rows"][0]["status"] == "paid"
    assert bad.status == "failed"
    assert Order.objects.count() == 1
    assert {default_registry.get(f"orm.{name}").effect for name in ("create", "update")} == {
        "transactional"
    }
