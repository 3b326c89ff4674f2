"""The automatic layout."""

from engine import layout


def placed(nodes, edges, entry):
    arcs = [{"from": source, "to": target} for source, target in edges]
    return layout({"nodes": {name: {} for name in nodes}, "edges": arcs, "entry": entry})


def test_a_chain_goes_to_the_right():
    assert placed("abc", ["ab", "bc"], ["a"]) == {"a": [0, 0], "b": [280, 0], "c": [560, 0]}


def test_branches_stand_below_each_other_in_order_and_centred():
    assert placed("abcd", ["ab", "ac", "bd", "cd"], ["a"]) == {
        "a": [0, 0],
        "b": [280, -56],
        "c": [280, 56],
        "d": [560, 0],
    }


def test_a_node_stands_behind_its_longest_way():
    places = placed("abcd", ["ad", "ab", "bc", "cd"], ["a"])

    assert places["d"][0] == 3 * 280


def test_loops_do_not_matter():
    looped = placed("abc", ["ab", "bc", "ca", "bb"], ["a"])

    assert looped == {"a": [0, 0], "b": [280, 0], "c": [560, 0]}


def test_crossings_are_swept_away():
    places = placed("abcxyz", ["az", "by", "cx"], ["a", "b", "c"])

    order = sorted("xyz", key=lambda n: places[n][1])
    assert order == ["z", "y", "x"]


def test_coordinates_are_on_the_grid_and_no_two_nodes_share_a_place():
    nodes = [f"n{i}" for i in range(200)]
    edges = [(f"n{i // 3}", f"n{i}") for i in range(1, 200)]
    places = placed(nodes, edges, ["n0"])

    assert all(part % 8 == 0 for place in places.values() for part in place)
    assert len({tuple(place) for place in places.values()}) == 200


def test_odd_documents():
    assert layout({}) == {}
    assert layout({"nodes": {"a": {}}, "edges": [{"from": "a", "to": "zz"}]}) == {"a": [0, 0]}
    assert len(placed("abc", ["bc", "cb"], ["a"])) == 3


def test_a_column_makes_room_for_the_labels_before_it():
    edges = [
        {"from": "a", "to": "b", "when": "plan == 'enterprise'"},
        {"from": "b", "to": "c"},
        {"from": "c", "to": "a", "when": "x" * 500},
    ]

    places = layout({"entry": ["a"], "nodes": {"a": {}, "b": {}, "c": {}}, "edges": edges})

    assert places["b"][0] >= 208 + len("plan == 'enterprise'") * 6.6 + 60
    assert places["c"][0] - places["b"][0] == 280


def test_a_label_is_never_given_more_room_than_it_shows():
    edges = [{"from": "a", "to": "b", "when": "x" * 500}]

    places = layout({"entry": ["a"], "nodes": {"a": {}, "b": {}}, "edges": edges})

    assert places["b"][0] == 208 + 240
