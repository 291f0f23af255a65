"""ZIPs that people bring: whatever is wrong with one is one sentence of ours, and names come out as text."""

import io
import struct
import zipfile

import pytest

from cnnlab import archives
from cnnlab.archives import Archive
from cnnlab.errors import CnnLabError, DatasetError
from cnnlab.name_encodings import guessed


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data), "hands.zip", DatasetError)


def read_through(data: bytes) -> None:
    """Open and read everything; a member that is damaged is an OSError, which its reader names."""
    archive = opened(data)
    for path in archive.members:
        try:
            archive.read(path, 10_000)
        except OSError as error:
            assert "zip the folder again" in str(error)


FILES = {f"{name}/{i}.jpg": bytes(range(256)) * (i + 1) for name in ("rock", "paper") for i in range(3)}
WHOLE = [zipped(FILES), zipped(FILES, zipfile.ZIP_STORED)]


def test_any_one_lost_byte_is_read_or_refused():
    for data in WHOLE:
        for at in range(0, len(data), 7):
            try:
                read_through(data[:at] + data[at + 1 :])
            except CnnLabError as error:
                assert "zip it again" in str(error)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_every_system_writes_is_read(method):
    with pytest.raises(DatasetError, match="ordinary method"):
        opened(zipped(FILES, method))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7-Zip"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "HDF5"),
        (bytes(257) + b"ustar\x0000" + bytes(250), "tar"),
        (b"no archive at all", "not a whole ZIP"),
        (b"", "not a whole ZIP"),
    ],
)
def test_another_kind_of_file_is_named(data, named):
    with pytest.raises(DatasetError, match=named) as refusal:
        opened(data)
    assert str(refusal.value).endswith(".")


def test_one_image_in_place_of_a_zip_is_named():
    with pytest.raises(DatasetError, match="is one image"):
        Archive(io.BytesIO(b"\x89PNG\r\n"), "hand.PNG", DatasetError)


def test_hidden_twins_of_a_mac_are_no_files():
    twins = {f"__MACOSX/{path.replace('/', '/._')}": b"x" for path in FILES} | {"rock/.DS_Store": b"x"}
    twins |= {"paper/._0.jpg": b"x", "Thumbs.db": b"x"}
    archive = Archive(io.BytesIO(zipped(FILES | twins)), "hands.zip", DatasetError, max_files=len(FILES))
    assert set(archive.members) == set(FILES)
    with pytest.raises(DatasetError, match="more than 5 files"):
        Archive(io.BytesIO(WHOLE[0]), "hands.zip", DatasetError, max_files=5)


def test_a_list_of_members_without_end_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 4)
    with pytest.raises(DatasetError, match="more than 200,000 files"):
        opened(WHOLE[0])
    monkeypatch.setattr(archives, "MAX_LIST_BYTES", 50)
    with pytest.raises(DatasetError, match="more than 200,000 files"):
        opened(WHOLE[0])


class Unmarked(zipfile.ZipInfo):
    """A name in some encoding, without the mark for UTF-8."""

    def _encodeFilenameFlags(self):  # noqa: N802  zipfile's name
        return self.filename.encode(self.comment.decode()), self.flag_bits & ~0x800


def unmarked(paths: list[str], encoding: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in paths:
            info = Unmarked(path)
            info.comment = encoding.encode()
            archive.writestr(info, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["石头", "剪刀"]),
        ("gbk", ["训练集/猫", "训练集/狗", "测试集/猫"]),
        ("gbk", ["玫瑰", "郁金香", "向日葵"]),
        ("big5", ["石頭", "剪刀", "布"]),
        ("cp932", ["グー", "チョキ", "パー"]),
        ("cp932", ["ソース", "りんご"]),  # the second byte of ソ is a backslash
        ("cp949", ["고양이", "강아지"]),
        ("cp437", ["Kätzchen", "Hündchen"]),
        ("cp850", ["maçã", "pão"]),
        ("cp866", ["кошка", "собака"]),
        ("utf-8", ["石头", "Kätzchen", "кошка"]),
        ("ascii", ["rock", "paper"]),
    ],
)
def test_names_that_do_not_state_their_encoding_come_out_as_they_were_written(encoding, names):
    paths = [f"{name}/{i}.jpg" for name in names for i in range(2)]
    archive = opened(unmarked(paths, encoding))
    assert list(archive.members) == paths
    assert archive.read(paths[-1], 10) == b"x"


def test_a_few_common_chinese_characters_are_not_taken_for_odd_utf8():
    assert guessed("石头".encode("gbk")) == "gb18030"  # valid UTF-8, as ʯͷ
    assert guessed("père".encode()) == "utf-8"  # and in GBK it would hold a cat


def test_a_path_that_a_name_forms_is_never_one_that_leads_outside():
    for path in ("../x.jpg", "/x.jpg", "C:\\x.jpg", "a/../../x.jpg", "..\\x.jpg"):
        with pytest.raises(DatasetError, match="unsafe path"):
            opened(zipped({path: b"x"}))
    assert list(opened(zipped({"at 12:30/x.jpg": b"x"})).members) == ["at 12:30/x.jpg"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_all_kept():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for data in (b"one", b"two", b"three"):
            archive.writestr("rock/1.jpg", data)
    archive = opened(buffer.getvalue())
    assert {path: archive.read(path, 9) for path in archive.members} == {
        "rock/1.jpg": b"one",
        "rock/1~2.jpg": b"two",
        "rock/1~3.jpg": b"three",
    }


def test_a_size_that_lies_is_counted_while_reading():
    data = bytearray(zipped({"a.jpg": bytes(5_000_000)}))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)
    archive = opened(bytes(data))
    try:
        assert len(archive.read("a.jpg", 1000)) <= 1000
    except OSError as error:
        assert "damaged" in str(error)
