"""What the settings of several processes take, and what is refused with what to write instead."""

import sys
from typing import Any

import pytest

from studio.setup import checks, env


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TREADLE_DRIVERS", "0", 0),
        ("TREADLE_WEB_PROCESSES", "4", 4),
        ("TREADLE_QUEUES", "", ("default",)),
        ("TREADLE_QUEUES", "gpu, default,gpu", ("gpu", "default")),
        ("TREADLE_QUEUES", "*", ()),
        ("TREADLE_BROKER_URL", "amqps://u:p@mq/vhost", "amqps://u:p@mq/vhost"),
        ("TREADLE_WORKER_PORT", "9101", 9101),
        ("TREADLE_LOG_FORMAT", "JSON", "json"),
        ("TREADLE_LOG_LEVEL", "warning", "WARNING"),
    ],
)
def test_taken(name: str, text: str, value: Any) -> None:
    assert env.read_all({name: text})[name] == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("TREADLE_DRIVERS", "-1", "write a whole number"),
        ("TREADLE_WEB_PROCESSES", "0", "write a whole number"),
        ("TREADLE_QUEUES", "*,gpu", "write names such as gpu,default"),
        ("TREADLE_QUEUES", "GPU", "write names such as gpu,default"),
        ("TREADLE_BROKER_URL", "sqs://key:hunter2@", "…: write redis://"),
        ("TREADLE_WORKER_PORT", "99999", "write a port"),
        ("TREADLE_LOG_FORMAT", "xml", "write plain or json"),
        ("TREADLE_LOG_LEVEL", "LOUD", "write DEBUG, INFO, WARNING or ERROR"),
        ("TREADLE_CHANNEL_URL", "http://:hunter2@redis", "…: write redis://"),
    ],
)
def test_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(env.SettingError) as caught:
        env.read_all({name: text})

    assert name in str(caught.value)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_libraries_that_are_asked_for_must_be_there(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BROKER_URL = "redis://127.0.0.1/1"
    monkeypatch.setenv(checks.TRACING[0], "http://127.0.0.1:4318")
    assert checks.celery_is_there() == checks.tracing_is_there() == []
    for name in ("celery", "opentelemetry"):
        monkeypatch.setitem(sys.modules, name, None)

    found = [*checks.celery_is_there(), *checks.tracing_is_there()]

    assert [each.id for each in found] == ["studio.E005", "studio.E006"]
    assert all("requirements-scale.txt" in str(each.hint) for each in found)
