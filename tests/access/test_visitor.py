"""Who may change what, and that nobody forgets to ask."""

import threading

import pytest

from cnnlab import access
from cnnlab.access import GUEST, SHELL, Role, Visitor, people
from cnnlab.errors import AccessError

ANNA, BEN = Visitor("a" * 16, Role.STUDENT), Visitor("b" * 16, Role.STUDENT)
TEACHER = Visitor("teacher", Role.TEACHER)


@pytest.mark.parametrize("owner", [None, "", "teacher", "guest", ANNA.id, "..", "A" * 16])
@pytest.mark.parametrize("visitor", [SHELL, TEACHER, ANNA, BEN, GUEST])
def test_a_student_may_change_only_what_is_theirs_and_the_others_everything(visitor, owner):
    expected = visitor in (SHELL, TEACHER) or (visitor == ANNA and owner == ANNA.id)
    assert visitor.may_change(owner) is expected
    with access.acting_as(visitor):
        assert bool(access.refusal(owner, "stop this run")) is not expected


def test_nobody_is_an_owner_whose_id_could_be_made_up():
    for made_up in ("", "teacher", "guest", "0" * 15, "0" * 17, "G" * 16):
        assert not Visitor(made_up, Role.STUDENT).may_change(made_up)


def test_a_refusal_is_one_sentence_that_says_who_may():
    with access.acting_as(BEN), pytest.raises(AccessError) as refused:
        access.require(ANNA.id, "stop this run")
    assert str(refused.value).count(".") == 1
    assert "stop this run" in str(refused.value)


def test_each_thread_acts_for_its_own_visitor():
    seen = {}

    def act(visitor: Visitor, ready: threading.Barrier) -> None:
        with access.acting_as(visitor):
            ready.wait(10)
            seen[visitor.id] = access.current()
            ready.wait(10)

    ready = threading.Barrier(3)
    threads = [threading.Thread(target=act, args=(visitor, ready)) for visitor in (ANNA, BEN)]
    for thread in threads:
        thread.start()
    ready.wait(10)
    assert access.current() == SHELL
    ready.wait(10)
    for thread in threads:
        thread.join()
    assert seen == {ANNA.id: ANNA, BEN.id: BEN}


@pytest.mark.parametrize("document", [None, [], "owner", {}, {"owner": 5}, {"owner": "../x"}, {"owner": {}}])
def test_what_says_nothing_usable_of_its_owner_belongs_to_nobody(document):
    assert access.owner_in(document) == ""


def test_names_are_kept_changed_and_forgotten():
    assert people.shown(ANNA.id) == "Student aaaa"
    assert people.call(ANNA.id, "  Anna \n\x00 B. ") == "Anna B."
    people.call(BEN.id, "Ben")
    assert people.shown(ANNA.id) == "Anna B."
    people.call(ANNA.id, "")
    assert (people.name_of(ANNA.id), people.name_of(BEN.id)) == ("", "Ben")
    with pytest.raises(AccessError):
        people.call("../../etc", "x")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a": 1}'])
def test_a_damaged_file_of_names_names_nobody(content, home):
    people.call(ANNA.id, "Anna")
    (home / "access" / "names.json").write_bytes(content)
    assert people.name_of(ANNA.id) == ""
