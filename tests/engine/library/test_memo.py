"""The memory of pure results: bounded, and never the same work twice at once."""

import threading

import pytest

from engine.library.review.memo import Memo


def test_only_what_nobody_has_is_computed():
    asked = []
    memo: Memo[str, int] = Memo(100, lambda value: 1)

    def lengths(keys):
        asked.append(list(keys))
        return {key: len(key) for key in keys}

    assert memo.get_all(["a", "bb", "a"], lengths) == {"a": 1, "bb": 2}
    assert memo.get_all(["bb", "ccc"], lengths) == {"bb": 2, "ccc": 3}
    assert asked == [["a", "bb"], ["ccc"]]


def test_the_least_recently_used_goes_first():
    asked = []
    memo: Memo[str, int] = Memo(2, lambda value: 1)

    def note(keys):
        asked.extend(keys)
        return dict.fromkeys(keys, 0)

    for keys in (["a"], ["b"], ["a"], ["c"], ["a"], ["b"]):
        memo.get_all(keys, note)

    assert asked == ["a", "b", "c", "b"]


def test_a_second_thread_waits_for_the_first():
    memo: Memo[str, str] = Memo(100, lambda value: 1)
    begun, go_on = threading.Event(), threading.Event()
    answers = []

    def slow(keys):
        begun.set()
        assert go_on.wait(10)
        return dict.fromkeys(keys, "first")

    def never(keys):
        raise AssertionError("computed twice")

    first = threading.Thread(target=lambda: answers.append(memo.get_all(["k"], slow)))
    second = threading.Thread(target=lambda: answers.append(memo.get_all(["k"], never)))
    first.start()
    assert begun.wait(10)
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)

    assert answers == [{"k": "first"}, {"k": "first"}]


def test_a_failure_is_not_remembered():
    memo: Memo[str, int] = Memo(100, lambda value: 1)

    def fails(keys):
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        memo.get_all(["k"], fails)

    assert memo.get_all(["k"], lambda keys: {"k": 1}) == {"k": 1}
