"""In which encoding file names were written that do not say so: old ZIPs, above all those of Windows.

The standard of ZIP says cp437; Windows writes the code page of its language. charset-normalizer needs more
text than some folder names (of 石头 in GBK it makes 坒芛), so characters are weighed here: each encoding puts
what its language uses most into one part of its table, and wrong readings fall elsewhere.
"""

import contextlib
import re
import unicodedata
from collections.abc import Callable

CHINESE = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "這個們來為國說時會對後過發學經現當沒動還進樣開從實電車紅綠藍黃黑白金木水火土山日月花草树樹叶葉果米"
    "猫貓狗鸟鳥鱼魚马馬牛羊猪豬虎蛇龙龍鸡雞鸭鴨兔鼠象猴熊石头頭剪刀布手左右男女图圖片像类類训訓练練测測试試"
    "验驗证證集数數据據苹蘋香蕉橙梨桃葡萄桌椅杯瓶书書车船飞飛机機房屋门門路桥橋海湖河沙漠雨雪云雲晴正常异常"
)
SAMPLE_BYTES = 20_000
KOREAN = (
    "이다는에의가고을은하지로한도서를기사인리어자대시나정해일아그부수라보여상제만들장주스전원으공면있과구"
    "동생물강양개말새소돼닭오토끼호랑곰뱀원숭위바나나무꽃산강집차자동전거비행배손발눈코입귀빨간파란노검흰"
    "훈련검증학습테트데터분류미정불량상급중좋쁘남녀왼른사람람과복숭포딸레몬귤감배컵병책걸침문창건"
)


def guessed(names: bytes) -> str:
    """Return the encoding in which ``names`` read as text: UTF-8 where they can be, else the likeliest."""
    if names.isascii():
        return "ascii"
    with contextlib.suppress(UnicodeDecodeError):
        if not _only_looks_like_utf8(names.decode("utf-8"), names):
            return "utf-8"
    words = b"\n".join(dict.fromkeys(re.split(rb"[/\n]", names)))
    if len(words) > SAMPLE_BYTES:
        words = words[:SAMPLE_BYTES].rpartition(b"\n")[0] or names
    scores = {encoding: _score(words, encoding) for encoding in (*_SCRIPTS, *_WEIGHTS)}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > 0 else "cp437"


def _only_looks_like_utf8(text: str, names: bytes) -> bool:
    """Tell 石头 in GBK, whose bytes are ʯͷ in UTF-8: no such letters stand alone, and 石头 is common."""
    if any(ord(c) >= 0x800 for c in text) or re.search(r"[a-z][^\x00-\x7f]|[^\x00-\x7f][a-z]", text, re.I):
        return False
    return _score(names, "gb18030") == 1.0


def _score(names: bytes, encoding: str) -> float:
    """Return the mean weight of the characters outside ASCII, -1 to 1."""
    try:
        text = names.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    if encoding in _SCRIPTS:
        return _letters(text, *_SCRIPTS[encoding])
    beyond = [c for c in text if ord(c) > 127]
    weight = _WEIGHTS[encoding]
    return sum(weight(c, c.encode(encoding)) for c in beyond) / max(1, len(beyond))


Weight = Callable[[str, bytes], float]


def _by_row(common: str, first: int, last: int, base: float, least_second: int = 0xA1) -> Weight:
    """Weigh characters of two bytes; rows ``first`` to ``last`` hold what is used most."""

    def weight(character: str, data: bytes) -> float:
        if len(data) != 2 or data[1] < least_second:
            return 0.0
        if character in common:
            return 1.0
        return base if first <= data[0] <= last else 0.2

    return weight


def _japanese(character: str, data: bytes) -> float:
    name = unicodedata.name(character, "")
    if name.startswith("HALFWIDTH"):
        return 0.1
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return 1.0
    if len(data) != 2:
        return 0.0
    return 0.6 if 0x88 <= data[0] <= 0x97 else 0.3


def _letters(text: str, script: str, weight: float) -> float:
    """Weigh words of letters with one byte each; a stray mix of cases and scripts is no word."""
    total, count = 0.0, 0
    for word in re.findall(r"[^\W\d_]+|[^\x00-\x7f]", text):
        beyond = [c for c in word if ord(c) > 127]
        count += len(beyond)
        if beyond:
            total += len(beyond) * (weight * _worth(word, beyond, script))
    return total / max(1, count)


def _worth(word: str, beyond: list[str], script: str) -> float:
    in_script = all(unicodedata.name(c, "").startswith(script) for c in beyond)
    as_written = word in (word.lower(), word.upper(), word.capitalize())
    if not (in_script and as_written):
        return -1.0
    if script == "LATIN":
        return 1.0 if 2 * len(beyond) <= len(word) else 0.3
    if len(beyond) < len(word):
        return -1.0
    return 1.0 if len(word) > 2 else 0.45


_SCRIPTS = {
    "cp437": ("LATIN", 1.0),
    "cp850": ("LATIN", 0.95),
    "cp852": ("LATIN", 0.9),
    "cp866": ("CYRILLIC", 1.0),
}
_WEIGHTS: dict[str, Weight] = {
    "gb18030": _by_row(CHINESE, 0xB0, 0xD7, 0.55),
    "big5": _by_row(CHINESE, 0xA4, 0xC6, 0.5, least_second=0x40),
    "cp932": _japanese,
    "cp949": _by_row(KOREAN, 0xB0, 0xC8, 0.35),
}
