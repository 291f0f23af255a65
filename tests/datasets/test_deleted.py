"""What is deleted comes back whole; what is exported comes back the same."""

import io
import time
import zipfile

import numpy as np
import pytest

from cnnlab import datasets, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.own import collection, deleted
from cnnlab.errors import DatasetError

from .conftest import contents, counts, fill, png


def test_deleted_images_come_back_where_they_were(hands):
    fill(hands, "anna")
    before = contents(hands)
    token = collection.delete_images(
        hands, [*list(before)[:2], "rock/never.png", "../our-hands/dataset.json"]
    )
    assert len(contents(hands)) == len(before) - 2
    assert datasets.restore(token) == hands
    assert contents(hands) == before


def test_a_deleted_class_comes_back_with_its_images(hands):
    fill(hands, "anna")
    before = contents(hands)
    token = collection.delete_class(hands, "rock")
    assert counts(hands) == {"paper": 3}
    collection.add_class(hands, "rock")
    collection.add_images(hands, "rock", [png(99)], "ben")
    datasets.restore(token)
    assert counts(hands) == {"paper": 3, "rock": 4}
    assert before.items() <= contents(hands).items()


def test_a_deleted_dataset_comes_back_but_not_over_a_new_one(hands):
    fill(hands, "anna")
    before = contents(hands)
    part = collection.delete_images(hands, list(before)[:1])
    whole = datasets.remove(hands)
    with pytest.raises(DatasetError, match="bring it back first"):
        datasets.restore(part)
    collection.create("Our hands", ["other", "things"])
    with pytest.raises(DatasetError, match="new dataset in the place of our-hands"):
        datasets.restore(whole)
    datasets.remove(hands)
    datasets.restore(whole)
    datasets.restore(part)
    assert contents(hands) == before


def test_what_was_deleted_is_gone_after_a_day(hands, monkeypatch):
    token = datasets.remove(hands)
    tomorrow = time.time() + workspace.KEPT_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    deleted.purge()
    assert list((workspace.datasets_dir() / ".deleted").iterdir()) == []
    for gone in (token, "", "..", "../our-hands", "0" * 16):
        with pytest.raises(DatasetError, match="gone for good"):
            datasets.restore(gone)


class OneWay(io.RawIOBase):
    """A file that can only be written on, as a download is."""

    def __init__(self):
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.data += data
        return len(data)


def test_an_export_streams_out_and_back_in_as_the_same_dataset(hands):
    for person in ("anna", "ben"):
        fill(hands, person, each=5)
    stream = OneWay()
    datasets.export_zip(hands, stream)
    exported = io.BytesIO(bytes(stream.data))
    assert zipfile.ZipFile(exported).testzip() is None
    again = datasets.import_zip("Copy", exported).name
    options = LoadOptions(split_by="group", validation_fraction=0.5)
    first, second = datasets.load(hands, options), datasets.load(again, options)
    assert (first.classes, collection.get(again).people) == (second.classes, collection.get(hands).people)
    for part in ("train", "validation"):
        np.testing.assert_array_equal(getattr(first, part).images, getattr(second, part).images)
        np.testing.assert_array_equal(getattr(first, part).labels, getattr(second, part).labels)


def test_what_is_kept_is_listed_the_last_deletion_first_with_what_would_come_back(hands):
    assert deleted.kept() == [] and deleted.is_empty()
    fill(hands, "anna")
    first = collection.delete_images(hands, list(contents(hands))[:2])
    second = collection.delete_class(hands, "rock")
    listed = deleted.kept(hands)
    assert {one.token for one in listed} == {first, second}
    assert all(not one.whole and one.dataset == hands and one.title == "Our hands" for one in listed)
    by_token = {one.token: one for one in listed}
    assert by_token[first].images == 2
    assert by_token[second].classes == ("rock",)
    assert 0 < listed[0].seconds <= workspace.KEPT_SECONDS
    assert not deleted.is_empty(hands) and deleted.is_empty("another")
    whole = datasets.remove(hands)
    [one] = [one for one in deleted.kept() if one.whole]
    assert (one.token, one.title) == (whole, "Our hands")
    datasets.restore(whole)
    assert not deleted.is_kept(whole) and deleted.is_kept(first)
    assert not deleted.is_kept("../../etc") and not deleted.is_kept("")
    assert datasets.restore(second) == hands
    assert {one.token for one in deleted.kept()} == {first}


def test_what_is_too_old_or_damaged_is_not_listed(hands, monkeypatch):
    fill(hands, "anna")
    token = collection.delete_images(hands, list(contents(hands))[:1])
    (workspace.datasets_dir() / ".deleted" / ("0" * 16)).mkdir()
    assert [one.token for one in deleted.kept()] == [token]
    monkeypatch.setattr(workspace, "KEPT_SECONDS", -1)
    assert deleted.kept() == []
