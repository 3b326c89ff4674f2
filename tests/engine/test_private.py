"""The private dict behaves as a dict, and never lets a change through."""

import copy
import json
import pickle

from hypothesis import given
from hypothesis import strategies as st

from engine.values.private import private_state

BASE = {"n": 1, "list": [1, [2]], "map": {"a": {"b": 1}}, "text": "x"}

DAMAGE = {
    "getitem": lambda s: s["list"][1].append(9),
    "get": lambda s: s.get("map")["a"].update(c=9),
    "items": lambda s: [v.append(9) for _, v in s.items() if isinstance(v, list)],
    "values": lambda s: [v.clear() for v in s.values() if isinstance(v, dict)],
    "setdefault": lambda s: s.setdefault("list", []).append(9),
    "pop": lambda s: s.pop("list").append(9),
    "popitem": lambda s: [s.popitem(), s.popitem()[1].clear()],
    "copy": lambda s: s.copy()["list"].append(9),
    "copy.copy": lambda s: copy.copy(s)["list"].append(9),
    "deepcopy": lambda s: copy.deepcopy(s)["list"].append(9),
    "dict()": lambda s: dict(s)["list"].append(9),
    "unpack": lambda s: {**s}["list"].append(9),
    "or": lambda s: (s | {"z": 1})["list"].append(9),
    "ror": lambda s: ({"z": 1} | s)["list"].append(9),
    "match": lambda s: _matched(s).append(9),
    "pickle": lambda s: pickle.loads(pickle.dumps(s))["list"].append(9),
    "clear": lambda s: s.clear(),
    "update": lambda s: s.update(n=5, list=[]),
    "ior": lambda s: s.__ior__({"n": 5}),
    "del": lambda s: s.__delitem__("n"),
}


def _matched(state):
    match state:
        case {"list": found}:
            return found


def test_no_way_of_reading_or_writing_reaches_the_base():
    for name, damage in DAMAGE.items():
        base = copy.deepcopy(BASE)
        damage(private_state(base))
        assert base == BASE, name


def test_it_reads_as_a_dict():
    state = private_state(copy.deepcopy(BASE))

    assert state == BASE
    assert json.loads(json.dumps(state)) == BASE
    assert (len(state), "n" in state, list(state)) == (4, True, list(BASE))
    assert state.get("zz", 5) == 5
    assert state.pop("zz", 5) == 5
    assert isinstance(state, dict)


def test_changes_say_before_and_after():
    state = private_state(copy.deepcopy(BASE))
    state["list"].append(3)
    state["n"] = 1
    state["text"] = "y"
    state["map"]["a"]["b"] = 1

    assert state.changes() == {"list": ([1, [2]], [1, [2], 3]), "text": ("x", "y")}


def test_a_value_read_before_and_kept_is_the_same_one_later():
    state = private_state({"list": []})
    kept = state["list"]
    state["list"].append(1)
    kept.append(2)

    assert state["list"] == [1, 2]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["set", "del", "read", "pop", "default", "update", "append"]),
        st.sampled_from("abc"),
        st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), max_size=2)),
    ),
    max_size=12,
)


def apply(target, operations):
    for name, key, value in operations:
        if name == "set":
            target[key] = copy.deepcopy(value)
        elif name == "del" and key in target:
            del target[key]
        elif name == "read":
            target.get(key)
        elif name == "pop":
            target.pop(key, None)
        elif name == "default":
            target.setdefault(key, copy.deepcopy(value))
        elif name == "update":
            target.update({key: copy.deepcopy(value)})
        elif name == "append" and isinstance(target.get(key), list):
            target[key].append(value)


@given(OPERATIONS, st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 3), max_size=2)))
def test_it_behaves_as_a_dict_and_its_changes_lead_from_the_base_to_it(operations, base):
    plain, private = copy.deepcopy(base), private_state(base)
    before = copy.deepcopy(base)
    apply(plain, operations)
    apply(private, operations)
    rebuilt = dict(before)
    for key, (_, after) in private.changes().items():
        if key in private:
            rebuilt[key] = after
        else:
            rebuilt.pop(key)

    assert base == before
    assert private == plain
    assert rebuilt == plain
