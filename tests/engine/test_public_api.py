"""What `engine` promises to whoever imports it."""

import asyncio
import doctest
import inspect
import subprocess
import sys

import pytest

import engine

PROMISED = {
    "TERMINAL_RUN_STATUSES", "ActivationStatus", "AttemptStatus", "Clock", "Code",
    "ConflictPolicy", "DriveResult", "Driver", "Edge", "EdgeOn", "Effect", "EngineError", "Event",
    "EventKind", "Fenced", "Folded", "Graph", "GraphError", "JoinPolicy", "Journal",
    "JournalCorrupt", "Limits", "MemoryJournal", "MemoryStore", "Node", "NodeActivity", "NodeType",
    "OnError", "OnNoRoute", "OnStepBudget", "Overwrite", "PartRefused", "PinRefused", "Problem",
    "Replay", "Route", "RunError", "RunResult",
    "RunStatus", "SecretName", "Severity", "StateConflict", "Store", "SystemClock", "Tool",
    "ToolContext", "ToolNotFound", "ToolRefused", "ToolRegistry", "ValueRefused", "VirtualClock",
    "WorkflowNotFound",
    "arun", "capture", "default_registry", "expressions", "fold", "layout", "lint", "new_run",
    "register_reducer", "replay", "run", "state_at", "tool", "validate",
}  # fmt: skip


def test_all_names_exactly_what_is_promised():
    assert set(engine.__all__) == PROMISED
    assert len(engine.__all__) == len(PROMISED)


def test_every_public_name_is_there_and_documented():
    for name in engine.__all__:
        member = getattr(engine, name)
        if inspect.isclass(member) or inspect.isfunction(member) or inspect.ismodule(member):
            assert inspect.getdoc(member), f"{name} needs a docstring"


def test_the_example_in_the_package_docstring_runs():
    failures, tried = doctest.testmod(engine)

    assert (failures, tried > 0) == (0, True)


def test_the_engine_imports_nothing_of_django():
    code = (
        "import sys, engine; "
        "sys.exit(any(name.split('.')[0] in {'django', 'studio'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_event_kind_says_what_it_means():
    source = inspect.getsource(engine.EventKind)

    for kind in engine.EventKind:
        _, _, after = source.partition(f'= "{kind.value}"\n')
        assert after.lstrip().startswith('"""'), f"{kind.value} needs a sentence"


NODES = {"a": {"type": "noop"}}
GRAPH = engine.Graph.from_dict(
    {"format": "treadle/1", "key": "k", "entry": ["a"], "nodes": NODES, "edges": []}
)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"graph": GRAPH.to_dict()}, "graph: a Graph is needed, not dict; Graph.from_dict(…)"),
        ({"graph": None}, "graph: a Graph is needed, not None"),
        ({"state": [1]}, "state: a dict is needed, not list"),
        ({"state": "{}"}, "state: a dict is needed, not str"),
        ({"pinned": "abc"}, "pinned: a dict is needed, not str"),
        ({"limits": [3]}, "limits: a dict or Limits is needed, not list"),
        ({"registry": {"bump": print}}, "registry: a ToolRegistry is needed, not dict"),
        ({"clock": 5}, "clock: a Clock is needed, not int"),
        ({"store": "memory"}, "store: a Store is needed, not str"),
        ({"schedule_seed": "x"}, "schedule_seed: an int is needed, not str"),
        ({"secrets": "x"}, "secrets: a dict or a function is needed, not str"),
        ({"workflows": GRAPH}, "workflows: a dict is needed, not Graph"),
    ],
)
def test_an_argument_of_another_type_is_named(given, told):
    given = {"graph": GRAPH, **given}
    graph = given.pop("graph")

    with pytest.raises(TypeError) as caught:
        engine.run(graph, **given)
    assert str(caught.value).startswith(told)
    with pytest.raises(TypeError):
        asyncio.run(engine.arun(graph, **given))


def test_the_version():
    assert engine.__version__ == "0.1.0"
