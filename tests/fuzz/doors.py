"""Every way in, with what may come and what the app does with it; see ``harness``."""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cnnlab import datasets, exchange, images, lessons, runs, workspace
from cnnlab.architectures.own import library as networks
from cnnlab.architectures.own.edit import Edit
from cnnlab.datasets.own import collection
from cnnlab.datasets.own import deleted as deleted_images
from cnnlab.exchange import archive, capsule, documents, model_file, opening, weights_file
from cnnlab.exchange.members import Members
from cnnlab.experiments import recorded
from cnnlab.lessons import reading as lesson_reading
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run, jobs, snapshots
from cnnlab.runs.kinds import EVALUATE
from cnnlab.runs.snapshots import FixedImages, LayerState, Snapshot
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig
from cnnlab.shelf import safe, slug, write_json
from cnnlab.training import own_recipes
from cnnlab.training.trained_on import TrainedOn
from tests.fuzz.harness import Door
from tests.fuzz.mutations import documents as json_files
from tests.fuzz.mutations import hostile_names, mutated, mutated_value, odd_texts, written
from tests.images.test_structure import only_image_errors, whole_images
from tests.lessons.made_up import LESSON

CONFIG = RunConfig("lenet5", "digits", epochs=3, title="One", augmentation={"rotation": 10.0})
CLASSES = tuple("0123456789")
SEEN_AS = Preprocessing(8, 8, 1)
FACTS = {
    "classes": list(CLASSES),
    "preprocessing": SEEN_AS.to_dict(),
    "input_shape": list(SEEN_AS.input_shape),
    "split": {"train": 90, "validation": 10},
    "params": 650,
}
NETWORK = {
    "title": "Two blocks",
    "input_shape": [8, 8, 1],
    "classes": 10,
    "layers": [
        {"kind": "convolution", "name": "conv1", "filters": 4, "kernel_size": 3},
        {"kind": "flatten", "name": "flat"},
    ],
}
EDITED = {
    **{"title": "Wide", "input_shape": [32, 32, 3], "classes": 10, "base": "inception10"},
    **{"options": {"batch_norm": "frozen"}, "edits": ["conv1.kernel_size.7", "dropout_1.added_after.conv1"]},
}


def image() -> Door:
    """An image, from whoever and wherever."""
    return Door(mutated(whole_images()), only_image_errors, tuple(whole_images()))


def small_images() -> list[bytes]:
    """Return images of a few bytes in three formats."""
    noise = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return [images.encode_png(noise), images.encode_jpeg(noise), images.encode_png(noise[..., :1])]


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return target.getvalue()


def dataset_zip() -> Door:
    """A dataset: looked through, then imported, then listed with the others."""
    good = small_images()
    plain = {f"{name}/{i}.png": good[i % 3] for name in ("rock", "paper") for i in range(3)}
    facts = {"dataset.json": written({"title": "T", "parts": {"a": "train"}, "names": {"rock": "Rock!"}})}
    parts = {f"x/{part}/{path}": data for part in ("train", "test") for path, data in plain.items()}
    odd = {"__MACOSX/rock/._0.png": b"x", "inner.zip": zipped(plain), "paper/text.txt": b"x"}
    wholes = (
        zipped(plain),
        zipped(plain, zipfile.ZIP_STORED),
        zipped(plain | facts),
        zipped(parts),
        zipped(plain | odd),
        zipped({path.encode().decode("cp437"): data for path, data in plain.items()}),
    )

    def enter(data: bytes) -> None:
        datasets.preview(io.BytesIO(data))
        info = datasets.import_zip("hands", io.BytesIO(data))
        try:
            assert [seen.name for seen in datasets.catalogue() if seen.kind == "folder"] == [info.name]
        finally:
            datasets.remove(info.name)
            _forget_deleted()

    return Door(mutated(wholes), enter, wholes, memory_mb=512)


def _forget_deleted() -> None:
    workspace.purge(workspace.datasets_dir() / ".deleted", seconds=-1)


def uploaded_files() -> Door:
    """Files with names of all kinds, as a browser sends a folder; they become a dataset or nothing."""
    data = st.sampled_from([*small_images(), b"", b"text", zipped({"a": b"b"})])
    folder = st.sampled_from(("a/", "b/", "train/a/", "test/b/", "", "../", "/", "C:\\")) | hostile_names
    names = st.tuples(folder, hostile_names | st.sampled_from(("1.png", "2.png", "a.1.jpg"))).map("".join)
    whole = [(f"{name}/{i}.png", small_images()[0]) for name in "ab" for i in range(2)]
    lists = st.tuples(st.sampled_from(([], whole, whole)), st.lists(st.tuples(names, data), max_size=6)).map(
        lambda pair: [*pair[0], *pair[1]]
    )

    def enter(files: list[tuple[str, bytes]]) -> None:
        info = datasets.import_files("hands", files)
        try:
            json.dumps([*info.classes, info.title, info.summary]).encode()
        finally:
            datasets.remove(info.name)
            _forget_deleted()

    return Door(lists, enter, (whole,), memory_mb=256)


def names() -> Door:
    """What people call datasets, classes, people, runs, networks and recipes."""
    from cnnlab.ui.wording import plain

    good = small_images()[0]

    def enter(given: tuple[str, str]) -> None:
        first, second = given
        for text in given:
            assert "\n" not in plain(text)
            plain(text).encode()
            for name in (safe(text), slug(text), slug(text, noun="network")):
                assert not set(name) & set("/\\\0.:"), name
        run = runs.create(CONFIG)
        run.rename(first)
        run.note(second)
        run.title.encode()
        run.request_stop()
        runs.delete(run)
        workspace.purge(workspace.runs_dir() / ".deleted", seconds=-1)
        own_recipes.delete(own_recipes.save(first, CONFIG).name)
        made = collection.create(first, ["rock", second])
        try:
            collection.add_images(
                made.name, collection.get(made.name).classes[-1].name, [good], person=second
            )
            collection.rename_class(made.name, "rock", first)
        finally:
            datasets.remove(made.name)
            _forget_deleted()

    texts = hostile_names | odd_texts
    return Door(st.tuples(texts, texts), enter, (("One", "two"),), memory_mb=128)


def run_zip_members() -> Door:
    """The ZIP of a run, or a .keras file, before anything in it is understood."""
    limits = {"config.json": 10**6, "metrics.jsonl": 10**6, "weights.h5": 2**31}
    files = {
        "config.json": b'{"epochs": 3}' * 20,
        "metrics.jsonl": b'{"step": 1}\n' * 300,
        "weights.h5": bytes(range(256)) * 40,
    }
    wholes = (
        zipped(files),
        zipped(files, zipfile.ZIP_STORED),
        zipped(files | {"__MACOSX/._config.json": b"x"}),
    )

    def enter(data: bytes) -> None:
        with Members(io.BytesIO(data), limits) as members:
            for name in limits:
                members.read(name)
            list(members.lines("metrics.jsonl", 100, 1000))

    return Door(mutated(wholes), enter, wholes, memory_mb=128)


def run_documents() -> Door:
    """The JSON in the ZIP of a run, and its history."""
    from cnnlab.inference import Classifier, evaluate

    def guesses(batch: np.ndarray, training: bool) -> np.ndarray:
        return np.full((len(batch), 10), 0.1)

    blank, labels = np.zeros((5, 8, 8, 1), np.uint8), np.arange(5)
    asked = Classifier(guesses, CLASSES, SEEN_AS)
    evaluation = evaluate(asked, blank, labels, list("abcde")).to_dict()
    row = {"kind": "epoch", "epoch": 1, "step": 1, "loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}
    wholes = {
        "config": {"config": CONFIG.to_dict(), "versions": {}},
        "facts": FACTS,
        "status": vars(Status(state="finished", epoch=3, epochs=3)),
        "evaluation": evaluation,
        "metrics": row,
    }
    facts = documents.model_facts(FACTS, CONFIG)
    readers: dict[str, Callable[[bytes], object]] = {
        "config": lambda data: documents.config(documents.parsed("config.json", data)),
        "facts": lambda data: documents.model_facts(documents.parsed("model.json", data), CONFIG),
        "status": lambda data: documents.status(documents.parsed("status.json", data)),
        "evaluation": lambda data: documents.evaluation(
            documents.parsed("evaluation.json", data), facts.classes
        ),
        "metrics": lambda data: "".join(documents.metrics(data.splitlines(keepends=True))).encode(),
    }
    choices = [st.tuples(st.just(name), json_files([whole])) for name, whole in wholes.items()]

    def enter(given: tuple[str, bytes]) -> None:
        kind, data = given
        if (read := readers[kind](data)) is not None and isinstance(read, RunConfig | Status):
            json.dumps(vars(read), default=str)

    firsts = tuple((name, written(whole) + b"\n") for name, whole in wholes.items())
    return Door(st.one_of(choices), enter, firsts, memory_mb=256)


def trained_on() -> Door:
    """The keys of the images of a run: a ZIP of arrays within its ZIP."""
    keys = np.arange(20, dtype=np.uint64).reshape(10, 2)
    target = io.BytesIO()
    np.savez(target, **dict.fromkeys(TrainedOn.__dataclass_fields__, keys))
    outer = {opening.TRAINED_ON: target.getvalue()}
    here = workspace.made(workspace.home() / "known")

    def enter(data: bytes) -> None:
        outside = io.BytesIO(zipped({opening.TRAINED_ON: data}, zipfile.ZIP_STORED))
        with Members(outside, dict.fromkeys(outer, 2**26)) as members:
            opening.images_known(members, here / "known.npz")

    return Door(mutated([target.getvalue()]), enter, (target.getvalue(),), memory_mb=256)


def weights() -> list[bytes]:
    """Return HDF5 files of weights as Keras lays them out: contiguous and in chunks, old and new format."""
    import h5py

    found = []
    for options in ({}, {"libver": "latest"}):
        target = io.BytesIO()
        with h5py.File(target, "w", **options) as file:
            for name in ("conv", "dense"):
                group = file.create_group(f"layers/{name}/vars")
                group.create_dataset("0", data=np.arange(60, dtype="f4").reshape(3, 20))
                group.create_dataset("1", data=np.ones(20, "f4"), chunks=(5,))
            file["layers/conv"].attrs["name"] = "conv"
        found.append(target.getvalue())
    return found


def weights_h5() -> Door:
    """An HDF5 file of weights, walked before Keras reads it; what is found can then be read."""
    import h5py

    place = workspace.made(workspace.home() / "weights") / "weights.h5"

    def enter(data: bytes) -> None:
        place.write_bytes(data)
        size = weights_file.weight_bytes(place)
        assert size <= len(data)
        with h5py.File(place, "r") as file:
            for array in weights_file._arrays(file):
                try:
                    assert array[()].nbytes <= len(data)
                except OSError:  # Keras would say so, too
                    continue

    return Door(mutated(weights()), enter, tuple(weights()), memory_mb=256)


def by_hand() -> Door:
    """Files of the workspace, written by hand: networks, recipes, datasets, jobs, notes, forks, facts."""
    datasets.import_files(
        "hands", [(f"{name}/{i}.png", small_images()[0]) for name in "ab" for i in range(2)]
    )
    run, home = runs.create(CONFIG), workspace.home()
    write_json(run.folder / "model.json", FACTS)
    networks.save(networks.Definition.from_dict(NETWORK))
    own_recipes.save("Mine", CONFIG)
    job = jobs.ask(EVALUATE, {"run": run.id})
    folder = home / "datasets" / "hands"
    wholes: dict[Path, Any] = {
        home / "networks" / "two-blocks.json": NETWORK,
        home / "networks" / "wide.json": EDITED,
        home / "recipes" / "mine.json": {"title": "Mine", "config": CONFIG.to_dict()},
        folder / "dataset.json": json.loads((folder / "dataset.json").read_bytes())
        | {"corrections": [[1.0, "a/1.png", "b/1.png", "a", "b"]], "left_out": [["x", "y.", ["z"]]]},
        job.folder / "job.json": json.loads((job.folder / "job.json").read_bytes()),
        job.folder / "status.json": vars(Status(state="queued")),
        run.folder / "config.json": {"config": CONFIG.to_dict(), "versions": {}},
        run.folder / "status.json": vars(Status(state="finished", epoch=3, epochs=3)),
        run.folder / "model.json": FACTS,
        run.folder / "notes.json": {"name": "a", "starred": True, "text": "b"},
        run.folder / "fork.json": {"run_id": run.id, "title": "a", "epoch": 3, "classes": list(CLASSES)},
    }

    def look() -> None:
        for definition in networks.own().values():
            f"{definition.title} {definition.summary} {definition.lines}".encode()
        for recipe in own_recipes.saved():
            f"{recipe.title} {recipe.summary}".encode()
        for info in datasets.catalogue():
            f"{info.title} {info.classes} {info.skipped} {info.left_out}".encode()
        for made in collection.every():
            f"{made.title} {made.classes} {made.people}".encode()
        deleted_images.kept()
        for seen in runs.overview(0):
            f"{seen.title} {seen.notes} {seen.damage} {seen.status.message} {seen.dataset}".encode()
        for work, now in jobs.unfinished(0):
            f"{work.id} {now.message}".encode()
        runs.origin(run)
        exchange.exported(run)

    def enter(given: tuple[str, bytes]) -> None:
        name, data = given
        path = home / name
        before = path.read_bytes()
        path.write_bytes(data)
        try:
            look()
        finally:
            path.write_bytes(before)

    for path, whole in wholes.items():
        write_json(path, whole)
    choices = [
        st.tuples(st.just(str(path.relative_to(home))), json_files([whole])) for path, whole in wholes.items()
    ]
    firsts = tuple((str(path.relative_to(home)), written(whole)) for path, whole in wholes.items())
    return Door(st.one_of(choices), enter, firsts, memory_mb=256)


def snapshot() -> Door:
    """The inside of a network, as a worker keeps it for each epoch."""
    run = runs.create(CONFIG)
    rng = np.random.default_rng(0)
    whole = Snapshot(
        1,
        10,
        (LayerState("conv1", "Conv2D", 0.1, 0.2, 0.3, 0.0, None),),
        images=8,
        filter_layer="conv1",
        filters=rng.random((4, 3, 3, 1)).astype(np.float16),
        probe=rng.integers(0, 256, (8, 8, 1), dtype=np.uint8),
        maps={"conv1": rng.random((6, 6, 4)).astype(np.float16)},
        guesses=rng.random((5, 10)).astype(np.float32),
    )
    snapshots.write(run, whole)
    [path] = (run.folder / "snapshots").glob("epoch-*.npz")
    data = path.read_bytes()

    def enter(given: bytes) -> None:
        path.write_bytes(given)
        found = snapshots.read(run, 1)
        json.dumps([found.probe_name, *found.maps]).encode()

    return Door(mutated([data]), enter, (data,), memory_mb=256)


def lesson_file() -> Door:
    """The Markdown file of a lesson, read and checked."""
    ready = [lessons.all_lessons(language).lessons[1].path.read_bytes() for language in ("en", "zh")]
    wholes = (LESSON.encode(), LESSON.replace("\n", "\r\n").encode(), *ready)

    def enter(data: bytes) -> None:
        lesson = lesson_reading.parse(data, Path("lesson.md"), is_own=True)
        said = [*lessons.check(lesson), lesson.title, lesson.about, *(step.text for step in lesson.steps)]
        "".join(said).encode()
        assert "![" not in "".join(said[-len(lesson.steps) :])

    return Door(mutated(wholes), enter, wholes, memory_mb=256)


def lesson_zip() -> Door:
    """A lesson that is handed on; its runs, which are a door of their own, are opened by nobody here."""
    run = runs.create(CONFIG)
    write_status = Status(state="finished", epoch=3, epochs=3)
    images = rng_images(5)
    snapshots.write(run, Snapshot(1, 10, (), images=8, probe=images[0]))
    snapshots.write_validation(run, FixedImages(images, ("a", "b", "c", "d", "e"), (0, 1, 2, 3, 4)))
    inside = run.folder / "snapshots"
    files = {
        capsule.MANIFEST: written({"format": capsule.FORMAT, "name": "x", "runs": [run.id]}),
        capsule.LESSON: LESSON.encode(),
        "runs/1/run.zip": b"any",
        "runs/1/snapshots/1.npz": (inside / "epoch-00001.npz").read_bytes(),
        "runs/1/validation.npz": (inside / "validation.npz").read_bytes(),
    }
    result = (recorded.FOLDER / "dropout.json").read_bytes()
    none = {
        "recordings/dropout.json": result,
        capsule.MANIFEST: written({"format": capsule.FORMAT, "name": "x", "runs": []}),
        capsule.LESSON: LESSON.encode(),
        capsule.TRANSLATIONS["zh"]: LESSON.encode(),
    }
    wholes = (zipped(files, zipfile.ZIP_STORED), zipped(files), zipped(none))

    def opened(file: Path, owner: str) -> Run:
        found = runs.create(CONFIG)
        found.write_status(write_status)
        return found

    def enter(data: bytes) -> None:
        lesson = capsule.open_lesson(io.BytesIO(data), open_one=opened)
        for path in lesson.path.parent.glob(f"{lesson.name}.*"):
            path.unlink()
        for one in runs.list_runs():
            if one.id != run.id:
                runs.delete(one)
        workspace.purge(workspace.runs_dir() / ".deleted", seconds=-1)

    return Door(mutated(wholes), enter, wholes, memory_mb=256)


def rng_images(count: int) -> np.ndarray:
    """Return gray images of noise, uint8 ``(count, 8, 8, 1)``."""
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8, 1), dtype=np.uint8)


def camera() -> Door:
    """What a browser sends as photos of its camera: JSON over the websocket, a JPEG over HTTP."""
    from starlette.datastructures import QueryParams

    from cnnlab.ui import capture
    from cnnlab.ui.classify.live import _Asked

    jpeg = small_images()[1]
    whole = {
        "client": "0123456789abcdef",
        "frames": [{"number": n, "target": "rock", "jpeg": base64.b64encode(jpeg).decode()} for n in (1, 2)],
    }
    photos = mutated([jpeg]).map(
        lambda data: (
            whole | {"frames": [{"number": 1, "target": "a", "jpeg": base64.b64encode(data).decode()}]}
        )
    )
    queries = st.dictionaries(
        st.sampled_from(("run", "epoch", "invert", "heat", "x")),
        hostile_names | st.just("1" * 5000),
        max_size=4,
    )

    def enter(given: tuple[Any, dict[str, str]]) -> None:
        payload, query = given
        asked = _Asked.of(QueryParams(query))
        client, frames = capture.checked(payload)
        assert len(client) == 16 and len(frames) <= capture.MOST_FRAMES
        for frame in frames:
            if frame.data:
                images.decode(frame.data, "Image 1")
        if asked.run_id:
            runs.get(asked.run_id)

    return Door(st.tuples(mutated_value(whole) | photos, queries), enter, ((whole, {}),), memory_mb=256)


def address() -> Door:
    """The addresses of scenes, and our own routes beside the pages."""
    from starlette.requests import Request

    from cnnlab.ui import pulse, shared_screen, thumbnails
    from cnnlab.ui.architecture.scene import Scene

    odd = (
        hostile_names
        | st.sampled_from(("9" * 5000, "٣", "²", "-1", "1e9", "0x10", "NaN", "1 2", ""))
        | odd_texts
    )
    edits = st.sampled_from(
        ("conv1.kernel_size.3", "conv1.left_out.1", "dropout_1.added_after.conv1", "~", ".", "9" * 70)
    )
    fields = {
        "arch": st.sampled_from(("lenet5", "inception10", "no")) | odd,
        "input": st.sampled_from(("32x32x3", "0x0x0", "9999x9999x9", "３２x32x3")) | odd,
        "classes": st.sampled_from(("10", "0", "99999")) | odd,
        "layer": odd,
        "batch_norm": st.sampled_from(("frozen", "training")) | odd,
        "edit": st.lists(edits | odd, max_size=5).map("~".join),
    }
    scenes = st.fixed_dictionaries(
        {"arch": fields["arch"]}, optional={k: v for k, v in fields.items() if k != "arch"}
    )
    words = st.sampled_from(("machine", "run/", "dataset/", "run/a-run-of-mine", "")) | odd
    requests = st.binary(max_size=60) | st.tuples(words, odd).map(
        lambda pair: f"of={pair[0]}&number={pair[1]}".encode("utf-8", "replace")
    )

    def enter(given: tuple[dict[str, str], bytes]) -> None:
        place, query = given
        asked = Request({"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": []})
        assert len(pulse.word(asked.query_params.get("of", ""))) < 60
        assert thumbnails.thumbnail(asked).status_code in (200, 404)
        for page in ("train?", ""):
            try:
                screen = shared_screen.screen_of(page + query.decode("utf-8", "replace"))
                assert screen == shared_screen.screen_of(screen.word)
            except Exception as error:
                assert type(error).__name__ == "AccessError", error
        for text in place.get("edit", "").split("~"):
            try:
                Edit.parsed(text)
            except Exception as error:
                assert type(error).__name__ == "ArchitectureError", error
        scene = Scene.at(place)
        assert Scene.at(scene.address()) == scene

    return Door(st.tuples(scenes, requests), enter, (({"arch": "lenet5"}, b"of=machine"),), memory_mb=128)


def _model(folder: Path) -> Path:
    """Return a .keras file with a layer of each usual kind, for 8 × 8 gray images of ten digits."""
    import keras

    made = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(3, 3, padding="same", use_bias=False, name="conv1")(made)
    x = keras.layers.BatchNormalization(name="norm1")(x)
    x = keras.layers.Add(name="add1")([x, keras.layers.ReLU(name="relu1")(x)])
    x = keras.layers.Flatten(name="flat")(keras.layers.MaxPooling2D(name="pool1")(x))
    regularizer = keras.regularizers.L2(1e-4)
    output = keras.layers.Dense(10, activation="softmax", kernel_regularizer=regularizer, name="output")(x)
    model = keras.Model(made, output)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(folder / "whole.keras")
    return folder / "whole.keras"


def model_file_() -> Door:
    """A .keras file, held against the list of what networks are made of and then loaded, as a worker does."""
    folder = workspace.made(workspace.home() / "models")
    path = folder / "model.keras"
    with zipfile.ZipFile(_model(folder)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    config = json.loads(parts[model_file.CONFIG])
    classes = [
        *(("keras.layers", name) for name in ("Lambda", "TFSMLayer", "StringLookup", "Dense", "RandomFlip")),
        *(
            ("keras.utils", "get_file"),
            ("builtins", "eval"),
            ("os", "system"),
            ("keras.src.models.functional", "Functional"),
        ),
        *(
            ("keras.config", "enable_unsafe_deserialization"),
            ("keras", "DTypePolicy"),
            ("keras.initializers", "Constant"),
        ),
    ]

    def other_class(pair: tuple[int, tuple[str, str]]) -> bytes:
        changed = json.loads(json.dumps(config))
        layers = changed["config"]["layers"]
        layers[pair[0] % len(layers)] |= dict(zip(("module", "class_name"), pair[1], strict=True))
        return written(changed)

    configs = json_files([config]) | st.tuples(st.integers(0, 20), st.sampled_from(classes)).map(other_class)
    changes = st.one_of(
        configs.map(lambda data: {model_file.CONFIG: data}),
        mutated([parts[model_file.WEIGHTS], *weights()]).map(lambda data: {model_file.WEIGHTS: data}),
        st.tuples(configs, mutated([parts[model_file.WEIGHTS]])).map(
            lambda pair: {model_file.CONFIG: pair[0], model_file.WEIGHTS: pair[1]}
        ),
    )

    def enter(changed: dict[str, bytes]) -> None:
        path.write_bytes(zipped(parts | changed, zipfile.ZIP_STORED))
        model_file.check(path, [8, 8, 1], 10)
        opening._load_once(path)

    return Door(
        changes, enter, ({}, {model_file.CONFIG: parts[model_file.CONFIG]}), memory_mb=1024, seconds=15
    )


def run_zip() -> Door:
    """The ZIP of a run as a whole, opened as a worker opens it."""
    folder = workspace.made(workspace.home() / "outside")
    run = runs.create(CONFIG)
    write_json(run.folder / "model.json", FACTS)
    row = {"kind": "batch", "step": 1, "epoch": 1, "loss": 1.0, "accuracy": 0.5, "seconds": 1.0}
    (run.folder / "metrics.jsonl").write_bytes(written(row) + b"\n")
    model = _model(folder)
    (run.folder / "checkpoints" / "last.keras").write_bytes(model.read_bytes())
    archive.write_archive(run, folder / "run.zip", model, [], lambda fraction: None)
    data = (folder / "run.zip").read_bytes()

    def enter(given: bytes) -> None:
        opened = exchange.open_run(io.BytesIO(given))
        try:
            assert isinstance(opened, Run) and opened.title.isprintable() and not opened.damage
        finally:
            runs.delete(opened)
            workspace.purge(workspace.runs_dir() / ".deleted", seconds=-1)

    return Door(mutated([data]), enter, (data,), memory_mb=1024, seconds=20)


DOORS: dict[str, Callable[[], Door]] = {
    **{"image": image, "dataset ZIP": dataset_zip, "uploaded files": uploaded_files, "names": names},
    **{
        "run ZIP, members": run_zip_members,
        "run ZIP, documents": run_documents,
        "run ZIP, images": trained_on,
    },
    **{"weights": weights_h5, "files by hand": by_hand, "snapshot": snapshot, "camera": camera},
    **{"lesson": lesson_file, "lesson ZIP": lesson_zip},
    **{"address": address, "model file": model_file_, "run ZIP": run_zip},
}
HEAVY = {"model file", "run ZIP"}
"""Doors that need Keras, which takes seconds to load."""
