"""Who is told of whom."""

from studio.live.roster import SILENCE_S, Person, Roster

ANA, BEN, EVE = Person(1, "ana", True), Person(2, "ben", False), Person(3, "eve", True)


def test_everybody_is_told_of_the_others_once() -> None:
    roster = Roster()
    for page, person in (("a", ANA), ("b", BEN), ("b2", BEN)):
        roster.enter(page, person)

    assert roster.others(ANA.user_id, 0) == (BEN,)
    assert roster.others(BEN.user_id, 0) == (ANA,)
    roster.leave("b")
    assert roster.others(ANA.user_id, 0) == (BEN,)
    roster.leave("b2")
    assert roster.others(ANA.user_id, 0) == ()


def test_who_may_edit_on_one_page_may_edit() -> None:
    roster = Roster()
    roster.enter("a", Person(2, "ben", True))
    roster.enter("b", BEN)

    assert roster.others(ANA.user_id, 0) == (Person(2, "ben", True),)


def test_other_processes_are_believed_until_they_fall_silent() -> None:
    roster = Roster()
    roster.enter("a", ANA)
    roster.report("p1", [EVE, BEN], 100)
    roster.report("p2", [BEN], 130)

    assert roster.others(ANA.user_id, 131) == (BEN, EVE)
    assert roster.others(ANA.user_id, 100 + SILENCE_S) == (BEN,)
    roster.report("p2", [], 161)
    assert roster.others(ANA.user_id, 161) == ()
    assert roster.here() == (ANA,)
