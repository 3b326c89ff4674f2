"""What `engine` promises to whoever imports it."""

import doctest
import inspect
import subprocess
import sys

import engine

PROMISED = {
    "TERMINAL_RUN_STATUSES", "ActivationStatus", "AttemptStatus", "Clock", "Code",
    "ConflictPolicy", "DriveResult", "Driver", "Edge", "EdgeOn", "Effect", "EngineError", "Event",
    "EventKind", "Fenced", "Folded", "Graph", "GraphError", "JoinPolicy", "Journal",
    "JournalCorrupt", "Limits", "MemoryJournal", "MemoryStore", "Node", "NodeActivity", "NodeType",
    "OnError", "OnNoRoute", "OnStepBudget", "Overwrite", "PartRefused", "Problem", "Replay",
    "Route", "RunError", "RunResult",
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


def test_the_version():
    assert engine.__version__ == "0.1.0"
