"""A burst is what one person took without a pause; to hold groups out, two people must show every class."""

import time

from cnnlab.datasets.own import collection
from cnnlab.datasets.own.burst import BURST_GAP_MILLISECONDS, can_split_by_group, last_burst

from .conftest import fill, png


def rocks(name: str) -> collection.ClassImages:
    return next(found for found in collection.get(name).classes if found.name == "rock")


def test_a_burst_ends_at_a_pause_and_at_another_person(hands, monkeypatch):
    clock = [1_700_000_000 * 10**9]
    monkeypatch.setattr(time, "time_ns", lambda: clock[0])

    def take(person: str, count: int, after_milliseconds: int) -> tuple[str, ...]:
        clock[0] += after_milliseconds * 10**6
        return collection.add_images(hands, "rock", [png(i) for i in range(count)], person).paths

    assert last_burst(rocks(hands)) == ()
    take("anna", 4, 0)
    later = take("anna", 2, BURST_GAP_MILLISECONDS + 1) + take("anna", 3, BURST_GAP_MILLISECONDS)
    assert last_burst(rocks(hands)) == later
    bens = take("ben", 2, 100)
    assert last_burst(rocks(hands)) == bens
    collection.delete_images(hands, bens)
    assert last_burst(rocks(hands)) == later


def test_the_last_burst_of_some_is_found_among_those_of_others(hands, monkeypatch):
    clock = [1_700_000_000 * 10**9]
    monkeypatch.setattr(time, "time_ns", lambda: clock[0])
    annas = []
    for turn in range(4):  # both collect at the same time, from two browsers
        clock[0] += 10**8
        person = ("anna", "ben")[turn % 2]
        paths = collection.add_images(hands, "rock", [png(turn)], person).paths
        annas += paths * (person == "anna")
    assert last_burst(rocks(hands), lambda path: "anna" in path) == tuple(annas)
    assert last_burst(rocks(hands), lambda path: False) == ()


def test_of_images_that_were_uploaded_only_the_newest_is_the_last_burst(hands):
    (collection.folder.dataset_folder(hands).path / "rock" / "b-00001.png").write_bytes(png(1))
    (collection.folder.dataset_folder(hands).path / "rock" / "c-00002.png").write_bytes(png(2))
    assert last_burst(rocks(hands)) == ("rock/c-00002.png",)


def test_groups_can_be_held_out_once_two_people_have_shown_every_class(hands):
    assert not can_split_by_group(collection.get(hands))
    fill(hands, "anna")
    assert not can_split_by_group(collection.get(hands))
    collection.add_images(hands, "rock", [png(1), png(2)], "ben")
    assert not can_split_by_group(collection.get(hands))
    collection.add_images(hands, "paper", [png(3), png(4)], "ben")
    assert can_split_by_group(collection.get(hands))
