"""Which folders hold the training, validation and test part: found by their names, wherever they lie.

    train/cat  test/cat                                     side by side
    training_set/training_set/cat  test_set/test_set/cat    doubled
    seg_train/seg_train/sea  seg_test/…  seg_pred/1.jpg     with a prefix, and a part without classes
    cat/train  cat/test  dog/train  dog/test                within each class

A folder ``train`` beside ``car`` and ``bus`` is a class: parts need a second part beside the training part.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cnnlab.datasets.files.names import class_in

TRAIN, VALIDATION, TEST, UNLABELLED, UNUSED = "train", "validation", "test", "unlabelled", "unused"
ROLES = (TRAIN, VALIDATION, TEST, UNLABELLED, UNUSED)
"""What a folder can be taken for; images of the last two are left out."""
DEEPEST = 30
"""Folders further down are not looked at."""

_WORDS = {
    TRAIN: "train training trained trn trainval learn learning entrenamiento entrainement apprentissage "
    "treino treinamento addestramento обучение",
    VALIDATION: "val valid validate validation validating dev eval evaluation validierung validacion "
    "validacao validazione валидация",
    TEST: "test testing tests tst holdout prueba pruebas teste тест",
    UNLABELLED: "pred predict prediction predictions unlabelled unlabeled unlabel inference submission",
}
_ROLE_OF = {word: role for role, words in _WORDS.items() for word in words.split()}
_EAST_ASIAN = {
    TRAIN: ("训练", "訓練", "学習", "훈련", "학습"),
    VALIDATION: ("验证", "驗證", "検証", "검증"),
    TEST: ("测试", "測試", "テスト", "테스트"),
    UNLABELLED: ("预测", "預測", "未标注"),
}
_FILLERS = {"set", "sets", "data", "dataset", "images", "image", "imgs", "img", "pictures", "photos", "pics"}
_FILLERS |= {"folder", "part", "split", "samples", "jpg", "png"}
_GLUED = re.compile(rf"({'|'.join(_ROLE_OF)})(?:{'|'.join(_FILLERS)})")
_TOKEN = re.compile(r"[A-Z]?[a-zа-я]+|[A-ZА-Я]+(?![a-z])|\d+|[^\W\d_]+")

Parts = tuple[str, ...]


@dataclass
class _Folder:
    files: list[str] = field(default_factory=list)
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    count: int = 0


def role_of(name: str) -> str | None:
    """Return what a folder's name says it holds, such as ``"test"`` for ``test-multiple_fruits``, or None."""
    return _parsed(name)[0]


def find(paths: Iterable[Parts]) -> dict[Parts, str]:
    """Return the role of each folder that is a part or lies beside parts; nothing where there are none.

    ``paths`` are those of images, split at ``/``.
    """
    paths = list(paths)
    if not any(map(role_of, {name for folder in {names[:-1] for names in paths} for name in folder})):
        return {}
    root = _tree(paths)
    found = list(_with_parts(root))
    if 2 * sum(folder.count for _, folder, _ in found) < root.count:
        return {}  # a class that happens to have such folders
    return {(*path, name): role or UNUSED for path, _, roles in found for name, role in roles.items()}


def _parsed(name: str) -> tuple[str | None, tuple[str, ...]]:
    """Return a name's role, and the words that remain."""
    text = unicodedata.normalize("NFC", name)
    for known, words in _EAST_ASIAN.items():
        for word in words:
            if word in text:
                other = text.replace(word, "").strip("集_- 數数据據データセット")
                return known, (other,) if other else ()
    role: str | None = None
    rest: list[str] = []
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    for word in map(str.lower, _TOKEN.findall(bare)):
        if glued := _GLUED.fullmatch(word):
            word = glued[1]
        if role is None and word in _ROLE_OF:
            role = _ROLE_OF[word]
        elif word not in _FILLERS and not word.isdigit():
            rest.append(word)
    return role, tuple(rest)


def _tree(paths: Iterable[Parts]) -> _Folder:
    root = _Folder()
    for parts in paths:
        folder = root
        folder.count += 1
        for name in parts[:-1]:
            folder = folder.folders.setdefault(name, _Folder())
            folder.count += 1
        folder.files.append(parts[-1])
    return root


def _with_parts(root: _Folder) -> Iterator[tuple[Parts, _Folder, dict[str, str | None]]]:
    """Yield the folders that are divided into parts, with the role of each folder in them."""
    waiting: list[tuple[Parts, _Folder]] = [((), root)]
    while waiting:
        path, folder = waiting.pop()
        roles = {name: role_of(name) for name in folder.folders}
        if (name := _unnamed_train(folder, roles)) is not None:
            roles[name] = TRAIN
            yield path, folder, roles
        elif _are_parts(folder, roles):
            yield path, folder, roles
        else:
            waiting += [((*path, name), inner) for name, inner in folder.folders.items()]


def _unnamed_train(folder: _Folder, roles: dict[str, str | None]) -> str | None:
    """Return the one folder beside a test part that has its classes: ``rps`` beside ``rps-test-set``."""
    measured = [name for name, role in roles.items() if role in (VALIDATION, TEST)]
    others = [name for name, role in roles.items() if role is None]
    if TRAIN in roles.values() or not measured or len(others) != 1:
        return None
    [name] = others
    shared = _classes_within(folder.folders[name]) & _classes_within(folder.folders[measured[0]])
    return name if len(shared) > 1 else None


def _are_parts(folder: _Folder, roles: dict[str, str | None]) -> bool:
    train = [name for name, role in roles.items() if role == TRAIN]
    others = [name for name, role in roles.items() if role not in (TRAIN, None)]
    if not (train and others):
        return False
    within = max(len(_classes_within(folder.folders[name])) for name in train)
    if within > 1:
        return True
    if not within and None in roles.values():  # bus, train and test are classes, if odd ones
        return False
    # test_tube beside training_shoe are classes; test_set beside training_set are not
    return not {_parsed(name)[1] for name in train}.isdisjoint(_parsed(name)[1] for name in others)


def _classes_within(folder: _Folder) -> set[str]:
    """Return the names of the classes that a part seems to have."""
    inner, name = folder, None
    while not inner.files and len(inner.folders) == 1:
        [(name, inner)] = inner.folders.items()
    if inner.folders:
        return set(inner.folders)
    flat = {name for name in map(class_in, inner.files) if name is not None}
    return flat if name is None or len(flat) > 1 else {name}
