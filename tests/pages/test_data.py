"""The Data page: what it shows of a dataset, and its sentences when there is nothing to show."""

import io
import zipfile

import numpy as np
import pytest

from cnnlab import datasets, images
from tests.pages.conftest import walls

IMAGE = images.encode_png(np.full((12, 16, 3), 90, np.uint8))
HANDS = [
    (f"{name}/{person}__{i}.png", IMAGE) for name in ("rock", "paper") for person in "ab" for i in range(5)
]


def zipped(files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files:
            archive.writestr(path, data)
    return buffer.getvalue()


def numbers(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def samples(app) -> list[dict]:
    """The gallery's images, each with its class as caption and its class and file as alternative text."""
    [gallery] = walls(app)
    return gallery["tiles"]


def line(app) -> str:
    """What stands in the one line of findings: amber or red, or that there are none."""
    said = [alert.value for alert in (*app.warning, *app.error) if "usable" in alert.value]
    return said[0] if said else next(c.value for c in app.caption if "No problems" in c.value)


def details(app):
    """Open the details of the findings."""
    app.session_state["data_findings"] = True
    return app.run()


def split_of(app):
    return next(control for control in app.segmented_control if control.label == "Split")


def choose(app, name):
    return app.selectbox(key="data_dataset").select(name).run()


def upload(app, title, *files):
    """Fill in the form for own images and press Add."""
    app.segmented_control(key="data_kind").set_value("ZIP or image files").run()
    app.text_input(key="data_title_0").input(title)
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    add = app.button(key="data_add")
    return app if add.disabled else add.click().run()


@pytest.fixture
def page(open_page):
    return open_page("data")


def test_digits_are_shown_with_samples_split_and_source(page):
    assert not page.exception
    assert numbers(page) == {
        "Images": "1,797",
        "Classes": "10",
        "Image size": "8 × 8",
        "Training set": "1,438",
        "Validation set": "359",
    }
    assert len(samples(page)) == 30
    assert any("UCI" in caption.value for caption in page.caption)
    assert "No problems found in 1,797 images" in line(page)


def test_a_class_can_be_picked_out_and_other_samples_drawn(page):
    page.pills[0].set_value([3]).run()
    assert {image["caption"] for image in samples(page)} == {"3"}
    before = [image["alt"] for image in samples(page)]
    assert all(alt.startswith("3: digit ") for alt in before)
    next(button for button in page.button if button.label == "Shuffle").click().run()
    assert before != [image["alt"] for image in samples(page)]


def test_a_sample_opens_large_with_its_class_its_file_and_both_sizes(page, monkeypatch):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    page.session_state["data_load_image_size"] = 8
    monkeypatch.setattr("cnnlab.ui.data.view.image_wall", lambda tiles, *_: tiles[0].id)
    page.run()
    assert not page.exception
    said = " ".join(text.value for text in (*page.caption, *page.markdown)).replace("\\", "")
    assert "Original: 16 × 12 pixels" in said
    assert "Resized to 8 × 8 pixels, RGB" in said
    assert any(f"{path.removesuffix('.png')}-0" in said for path, _ in HANDS)


def test_a_download_that_fails_says_what_to_fetch_and_where_to_put_it(page, monkeypatch):
    monkeypatch.setenv("CNNLAB_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setenv("KERAS_HOME", "/nowhere")
    choose(page, "cifar10")
    assert "170 MB" in page.info[0].value
    assert not page.metric
    next(button for button in page.button if button.label == "Download").click().run()
    assert len(page.error) == 1
    assert "cifar\\-10\\-python.tar.gz could not be downloaded" in page.error[0].value


def test_an_uploaded_zip_becomes_the_chosen_dataset_and_can_be_deleted(page):
    upload(page, "Our hands", ("hands.zip", zipped([*HANDS, ("rock/torn.png", IMAGE[:50])])))
    assert not page.exception
    assert numbers(page)["Images"] == "20"
    assert page.selectbox(key="data_dataset").value == "our-hands"
    assert "20 images usable" in line(page) and "1 unreadable, skipped" in line(page)
    details(page)
    assert any("1 image is unreadable, skipped" in text.value for text in page.markdown)
    assert any(text.value.startswith("rock/torn.png") for text in page.caption)
    page.button(key="data_delete").click().run()
    assert "our-hands" not in datasets.names()
    assert page.selectbox(key="data_dataset").value == "digits"


def test_uploaded_files_become_a_dataset(page):
    files = [(f"{name}.{i}.png", IMAGE) for name in ("cat", "dog") for i in range(3)]
    upload(page, "Pets", *files)
    assert datasets.get("pets").classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("title", "file", "reason"),
    [
        ("Hands", ("hands.zip", b"no ZIP"), "not a whole ZIP"),
        ("Hands", ("hands.zip", zipped([*HANDS, ("../x.png", IMAGE)])), "unsafe path"),
        ("Hands", ("hands.zip", zipped(HANDS[10:])), "only the class paper"),
        ("", ("hands.zip", zipped(HANDS)), "at least one letter"),
        ("Digits", ("hands.zip", zipped(HANDS)), "already a dataset"),
        ("Hands", ("cat.1.png", IMAGE), "only the class cat"),
    ],
)
def test_a_bad_upload_gives_one_sentence_and_keeps_the_page(page, title, file, reason):
    upload(page, title, file)
    assert not page.exception
    assert [reason in error.value for error in page.error] == [True]
    assert numbers(page)["Images"] == "1,797"
    assert all(info.kind == "built-in" for info in datasets.catalogue())


def test_where_there_are_groups_the_split_is_by_person_until_somebody_says_otherwise(page):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    assert split_of(page).value == "group"
    assert numbers(page)["Validation set"] == "10"
    assert "one person" not in line(page)
    split_of(page).set_value("random").run()
    assert "images of one person in training and validation set" in line(page) and "data leakage" in line(
        page
    )
    page.switch_page("pages/home.py").run()
    page.switch_page("pages/data.py").run()
    assert split_of(page).value == "random"  # what was chosen stays chosen
    page.button(key="data_by_person").click().run()
    assert split_of(page).value == "group"
    assert "one person" not in line(page)


def test_where_no_group_can_be_held_out_the_split_is_random(page):
    alone = [
        (f"{name}/{name}s-person__{i}.png", data)
        for name in ("rock", "paper")
        for i, (_, data) in enumerate(HANDS)
    ]
    datasets.import_files("hands", alone)
    page.run()
    choose(page, "hands")
    assert not page.exception
    assert not [control for control in page.segmented_control if control.label == "Split"]
    assert int(numbers(page)["Validation set"]) == 8


def test_near_duplicates_across_the_split_are_counted_and_shown(page):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    split_of(page).set_value("random").run()
    assert "4 of 4 validation images" in line(page)
    details(page)
    assert any("nearly the same" in image.alt for row in page.image for image in row.proto.imgs)


def test_the_choice_is_kept_when_the_page_is_left(page):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    page.switch_page("pages/home.py").run()
    page.switch_page("pages/data.py").run()
    assert page.selectbox(key="data_dataset").value == "hands"


def test_a_damaged_dataset_can_still_be_deleted(page, home):
    datasets.import_files("hands", HANDS)
    for file in (home / "datasets" / "hands").rglob("*.png"):
        file.write_bytes(b"")
    page.run()
    choose(page, "hands")
    assert "no image that can be read" in page.error[0].value
    page.button(key="data_delete").click().run()
    assert not page.error


def test_what_is_chosen_for_the_images_is_seen_and_goes_along_to_train(page):
    page.session_state["data_more"] = True
    page.run().selectbox(key="data_load_channels").set_value(1).run()
    page.number_input(key="data_load_max_per_class").set_value(20).run()
    assert numbers(page)["Training set"] == "160"
    page.number_input(key="data_load_validation_share").set_value(0.5).run()
    assert numbers(page)["Validation set"] == "100"
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert not page.exception
    state = page.session_state
    assert (state["run_channels"], state["run_max_per_class"], state["run_validation_share"]) == (1, 20, 0.5)
    assert state["lab"].dataset == "digits"
    page.switch_page("pages/data.py").run()
    page.session_state["data_more"] = True
    page.run().selectbox(key="data_load_channels").set_value(None).run()
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert (state["run_channels"], state["run_max_per_class"]) == (None, 20)


def test_unchanged_images_leave_the_recipe_of_the_training_form_alone(page):
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert page.session_state["run_recipe"] == "lenet5-digits"


def test_a_changed_folder_is_looked_at_anew(page, home):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    split_of(page).set_value("random").run()
    assert numbers(page)["Training set"] == "16"
    (home / "datasets" / "hands" / "rock" / "new.png").write_bytes(IMAGE)
    page.run()
    assert numbers(page)["Training set"] == "17"


def test_a_wrong_label_is_named_by_its_file(page):
    own = [(path, images.encode_png(np.full((12, 16, 3), i, np.uint8))) for i, (path, _) in enumerate(HANDS)]
    datasets.import_files("hands", [*own, ("paper/rock.png", own[0][1])])
    page.run()
    choose(page, "hands")
    assert [error.value for error in page.error] == [line(page)]  # a wrong label is a red line
    details(page)
    assert any("1 image is in two classes at once" in text.value for text in page.markdown)
    assert any("paper/rock" in text.value and "=" in text.value for text in page.caption)


def parts_zip() -> bytes:
    """Return a ZIP with a training, a test and an unlabelled part, as public archives have them."""
    shades = iter(range(200))

    def shade() -> bytes:
        return images.encode_png(np.full((12, 16, 3), next(shades), np.uint8))

    files = [
        (f"seg_{p}/seg_{p}/{c}/{i}.png", shade()) for p in ("train", "test") for c in "ab" for i in range(4)
    ]
    return zipped(
        [*files, *((f"seg_pred/{i}.png", shade()) for i in range(3)), ("seg_test/seg_test/z/1.png", shade())]
    )


def role_boxes(app) -> dict:
    """Return the choices of what folders are taken for, by folder."""
    boxes = (box for box in app.selectbox if box.key.startswith("data_role"))
    return {box.label.replace("\\", "").partition(":")[0]: box for box in boxes}


def test_what_an_upload_holds_is_said_and_can_be_corrected_before_anything_is_kept(page):
    page.segmented_control(key="data_kind").set_value("ZIP or image files").run()
    page.text_input(key="data_title_0").input("Scenes")
    page.file_uploader[0].set_value([("scenes.zip", parts_zip(), "application/zip")]).run()
    assert not page.exception
    found = {folder: box.value for folder, box in role_boxes(page).items()}
    assert found == {"seg_train": "train", "seg_test": "test", "seg_pred": "unlabelled"}
    assert any("16 images in 2 classes:** a, b" in text.value for text in page.markdown)
    said = "".join(caption.value for caption in page.caption)
    assert "3 images without a class" in said and "1 image of the class z" in said
    assert "scenes" not in datasets.names()
    role_boxes(page)["seg_test"].set_value("unused").run()
    assert any("8 images in 2 classes" in text.value for text in page.markdown)
    next(toggle for toggle in page.toggle if toggle.key.startswith("data_are_parts")).set_value(False).run()
    assert any("3 classes:** seg\\_pred, seg\\_test, seg\\_train" in text.value for text in page.markdown)
    next(toggle for toggle in page.toggle if toggle.key.startswith("data_are_parts")).set_value(True).run()
    page.button(key="data_add").click().run()
    assert not page.exception
    assert datasets.get("scenes").classes == ("a", "b")
    assert len(datasets.load("scenes").test) == 8


def test_folders_whose_names_say_nothing_can_be_named_as_parts(page):
    files = [(f"{part}/{c}/{i}.png", IMAGE) for part in ("north", "south") for c in "ab" for i in range(4)]
    page.segmented_control(key="data_kind").set_value("ZIP or image files").run()
    page.text_input(key="data_title_0").input("Sides")
    page.file_uploader[0].set_value([("sides.zip", zipped(files), "application/zip")]).run()
    assert any("2 classes:** north, south" in text.value for text in page.markdown)
    next(toggle for toggle in page.toggle if toggle.key.startswith("data_are_parts")).set_value(True).run()
    assert "training set" in page.error[0].value and page.button(key="data_add").disabled
    role_boxes(page)["north"].set_value("train").run()
    role_boxes(page)["south"].set_value("test").run()
    page.button(key="data_add").click().run()
    assert not page.exception
    assert {part.role: part.classes for part in datasets.get("sides").parts} == {
        "train": ("a", "b"),
        "test": ("a", "b"),
    }


def test_a_dataset_that_is_divided_is_split_as_it_was_given(page):
    files = [(f"{p}/{c}/{i}.png", IMAGE) for p in ("train", "val", "test") for c in "ab" for i in range(3)]
    datasets.import_files("Divided", files)
    page.run()
    choose(page, "divided")
    assert not page.exception
    found = numbers(page)
    assert (found["Training set"], found["Validation set"], found["Test set"]) == ("6", "6", "6")


def test_one_button_takes_dataset_split_preprocessing_and_augmentation_to_train(page):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    page.session_state["data_load_channels"] = 1
    page.session_state["data_tab"] = "Augmentation"
    page.run()
    page.toggle(key="data_augmentation_form_flip").set_value(True).run()
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert not page.exception
    state = page.session_state
    assert state["lab"].dataset == "hands"
    assert (state["run_split_by"], state["run_channels"]) == ("group", 1)
    assert state["lab"].augmentation == {"flip": 1}
    page.switch_page("pages/data.py").run()
    assert split_of(page).value == "group"
    choose(page, "digits")
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert state["run_split_by"] == "random"  # digits name no groups


@pytest.mark.parametrize(
    ("dataset", "chosen", "expected"),
    [("hands", "lenet5", "baseline"), ("hands", "vgg16", "vgg16"), ("digits", "lenet5", "lenet5")],
)
def test_own_images_get_a_network_that_learns_them_unless_one_was_chosen(page, dataset, chosen, expected):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, dataset)
    page.session_state["lab"].architecture = chosen
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert not page.exception
    assert page.session_state["run_architecture"] == expected


@pytest.mark.parametrize("way", ["random", "group"])
def test_the_split_that_a_person_has_chosen_is_the_one_that_is_trained_with(page, way):
    datasets.import_files("hands", HANDS)
    page.run()
    choose(page, "hands")
    split_of(page).set_value(way).run()
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert page.session_state["run_split_by"] == way


def test_the_train_page_splits_by_the_same_rule(open_page):
    datasets.import_files("hands", HANDS)
    page = open_page("data")
    choose(page, "hands")
    page.switch_page("pages/train.py").run()  # without the button
    assert page.session_state["run_split_by"] == "group"
    page.selectbox(key="run_dataset").select("digits").run()
    assert page.session_state["run_split_by"] == "random"
    page.selectbox(key="run_dataset").select("hands").run()
    assert page.session_state["run_split_by"] == "group"
    assert not page.exception


def test_what_was_deleted_is_brought_back_after_a_reload(open_page):
    datasets.import_files("hands", HANDS)
    datasets.remove("hands")
    page = open_page("data", state={"deleted_": True})
    [restore] = [button for button in page.button if button.label == "Restore"]
    restore.click().run()
    assert not page.exception
    assert page.selectbox(key="data_dataset").value == "hands"
    assert numbers(page)["Images"] == "20"
