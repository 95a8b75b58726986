"""The CIFAR-10 source: every layout gives the same images, honest labels, damage named with its row."""

import hashlib
import os
import pickle
import shutil

import numpy as np
import pyarrow as pa
import pytest
from cifar_files import BATCHES, encoded, pack, photographs, pickled, write_batches, write_mirror, write_parquet
from pyarrow import parquet

from suite.contract import DataCorrupt, DataMissing, SuiteError
from suite.data import datasets, load
from suite.data.sources import _cifar10_batches, cifar10

ALL = np.arange(160)


def samples(dataset):
    return {tensor.numpy().tobytes() for tensor in dataset.tensors[0]}


def lay_out(root, layout):
    """One of the layouts below `root`."""
    if layout == "parquet":
        return write_mirror(root)
    folder, kind, packed = layout.split("/")
    paths = write_batches(root / folder, kind)
    if packed:
        pack(paths, root / folder / f"cifar-10-{'python' if kind == 'py' else 'binary'}.tar.gz")
        shutil.rmtree(paths[0].parent)
    return None


@pytest.mark.parametrize(
    "layout", ["cifar10/py/", "cifar10/py/packed", "cifar10/bin/", "cifar10/bin/packed", "./py/", "./bin/packed"]
)
def test_every_official_layout_gives_the_images_in_their_order(tmp_path, layout):
    lay_out(tmp_path, layout)
    found = load("cifar10", tmp_path)
    expected = [photographs(batch) for batch in range(6)]
    np.testing.assert_array_equal(found.train[0], np.concatenate([pixels for pixels, _ in expected[:5]]))
    np.testing.assert_array_equal(found.train[1], np.concatenate([labels for _, labels in expected[:5]]))
    np.testing.assert_array_equal(found.test[0], expected[5][0])
    assert found.source.startswith("cifar10:custom-")


def test_the_parquet_of_a_mirror_gives_the_images_of_its_rows(tmp_path):
    write_mirror(tmp_path)
    found = load("cifar10", tmp_path)
    np.testing.assert_array_equal(found.train[0][ALL], photographs(0)[0])
    np.testing.assert_array_equal(found.test[0][ALL[::-3]], photographs(5)[0][::-3])
    np.testing.assert_array_equal(found.test[1], photographs(5)[1])
    assert found.source.startswith("cifar10:custom-")


def test_other_pixels_are_another_source(tmp_path):
    paths = write_batches(tmp_path, "bin")
    before = load("cifar10", tmp_path).source
    content = bytearray(paths[2].read_bytes())
    content[1] ^= 1
    paths[2].write_bytes(content)
    assert load("cifar10", tmp_path).source not in (before, "cifar10:official")


def whole(pixels):
    """Labels of a whole set, whatever the pixels are."""
    return (pixels, np.arange(50_000) % 10), (pixels, np.arange(10_000) % 10)


@pytest.mark.parametrize(("known", "source"), [(True, "official"), (False, "custom-")])
def test_pickled_batches_are_official_if_their_checksums_are_published(monkeypatch, known, source):
    train, test = whole(photographs(0, 1)[0])
    monkeypatch.setattr(cifar10, "pickled", lambda paths: (train, test, known))
    assert cifar10._from_pickled([]).source.startswith(f"cifar10:{source}")


def test_the_checksums_of_all_six_batches_decide(tmp_path, monkeypatch):
    paths = write_batches(tmp_path, "py")
    sums = {path.name: hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in paths}
    assert _cifar10_batches.pickled(paths)[2] is False
    monkeypatch.setattr(_cifar10_batches, "PICKLED", sums)
    assert _cifar10_batches.pickled(paths)[2] is True
    paths[5].write_bytes(pickled(*photographs(4)))
    assert _cifar10_batches.pickled(paths)[2] is False


@pytest.mark.parametrize(
    ("count", "known", "source"), [(6, False, "binary"), (1, True, "official"), (1, False, "custom")]
)
def test_only_the_binary_archive_is_known_by_its_bytes(monkeypatch, count, known, source):
    train, test = whole(photographs(0, 1)[0])
    monkeypatch.setattr(cifar10, "binary", lambda paths: (train, test, known))
    assert cifar10._from_binary(["path"] * count).source.split("-")[0] == f"cifar10:{source}"


@pytest.mark.parametrize(
    ("kind", "settings", "name"),
    [("PNG", {}, "png"), ("JPEG", {"quality": 75}, "jpeg75"), ("JPEG", {"quality": 92, "subsampling": 0}, "jpeg92")],
)
def test_the_compression_of_a_mirror_is_told_from_its_images(tmp_path, kind, settings, name):
    write_mirror(tmp_path, kind, **settings)
    assert load("cifar10", tmp_path).train[0].kind == name


def test_splits_are_disjoint_stratified_standardised_and_the_same_every_time(tmp_path):
    write_batches(tmp_path, "bin")
    splits, again = (load("cifar10", tmp_path).splits("ci") for _ in range(2))
    train, validation, test = splits.train, splits.validation, splits.tests["test"]
    assert (len(train), len(validation), len(test)) == (192, 64, 64)
    parts = [samples(part) for part in (train, validation, test)]
    assert len(set().union(*parts)) == 192 + 64 + 64
    for part, share in ((train, 19.2), (validation, 6.4), (test, 6.4)):
        assert np.abs(np.bincount(part.tensors[1], minlength=10) - share).max() <= 1
    assert train.tensors[0].shape == (192, 3, 32, 32)
    red = train.tensors[0][:, 0]
    assert red.min().item() == pytest.approx(-0.4914 / 0.2470, abs=1e-5)
    assert red.max().item() == pytest.approx((1 - 0.4914) / 0.2470, abs=1e-5)
    for one, other in ((train, again.train), (validation, again.validation), (test, again.tests["test"])):
        assert one.tensors[0].equal(other.tensors[0])
        assert one.tensors[1].equal(other.tensors[1])


def test_only_the_training_set_of_paper_is_augmented(tmp_path):
    write_batches(tmp_path, "bin")
    content = load("cifar10", tmp_path)
    assert content.splits("paper").augment is cifar10.shifted_and_flipped
    assert {content.splits(scale).augment for scale in ("ci", "quick", "reference")} == {None}


def test_a_share_takes_fewer_of_every_set(tmp_path):
    write_batches(tmp_path, "bin")
    splits = load("cifar10", tmp_path).splits("ci", 0.5)
    assert (len(splits.train), len(splits.validation), len(splits.tests["test"])) == (96, 32, 32)


def test_a_number_of_training_images_takes_the_place_of_the_scales(tmp_path):
    write_batches(tmp_path, "bin")
    content = load("cifar10", tmp_path)
    splits = content.splits("ci", images=300)
    assert (len(splits.train), len(splits.validation), len(splits.tests["test"])) == (300, 64, 64)
    with pytest.raises(SuiteError, match=r"settings.images: 5000; cifar10:custom-\w+ has 736 to train on"):
        content.splits("ci", images=5000)


def test_the_official_files_come_before_a_mirror(tmp_path):
    write_mirror(tmp_path)
    write_batches(tmp_path / "cifar10", "py")
    assert len(load("cifar10", tmp_path).train[1]) == 800


@pytest.mark.parametrize("layout", ["cifar10/py/", "cifar10/bin/packed", "./py/packed", "parquet"])
def test_any_layout_counts_as_complete(tmp_path, layout):
    def cifar():
        return next(status for status in datasets.statuses(tmp_path) if status.name == "cifar10")

    assert cifar().state == "missing"
    lay_out(tmp_path, layout)
    assert cifar().state == "complete"
    assert cifar().note.startswith(str(tmp_path))


def test_without_data_it_is_said_how_to_get_them(tmp_path):
    paths = write_batches(tmp_path, "py")
    paths[3].unlink()
    with pytest.raises(DataMissing, match=r"cifar10: .*run `suite data get cifar10`, or set SUITE_DATA"):
        load("cifar10", tmp_path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "harm"),))

    paths = write_batches(tmp_path, "py")
    paths[1].write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(DataCorrupt, match=rf"{paths[1]}: not a sound pickled batch .*posix\.mkdir"):
        load("cifar10", tmp_path)
    assert not (tmp_path / "harm").exists()


PIXELS, LABELS = photographs(0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickled(PIXELS, LABELS)[:-900], "not a sound pickled batch"),
        (b"<html>not found</html>", "not a sound pickled batch"),
        (pickle.dumps({b"labels": [1]}, protocol=3), "the batch has no entry b'data'"),
        (pickled(PIXELS[:-1], LABELS), r"`data` is not \(n, 3072\) bytes for the 160 labels"),
        (pickled(PIXELS, np.where(ALL == 17, 10, LABELS)), "row 17: label 10 where 0 to 9 were expected"),
    ],
)
def test_a_damaged_pickled_batch_is_named(tmp_path, content, message):
    paths = write_batches(tmp_path, "py")
    paths[4].write_bytes(content)
    with pytest.raises(DataCorrupt, match=rf"{paths[4]}: {message}.*run `suite data get cifar10`"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("content", [b"", bytes(3_073 * 2 - 1)])
def test_a_truncated_binary_batch_is_named(tmp_path, content):
    paths = write_batches(tmp_path, "bin")
    paths[5].write_bytes(content)
    with pytest.raises(DataCorrupt, match=rf"{paths[5]}: {len(content)} bytes, which is no whole number of records"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("kind", ["python", "binary"])
@pytest.mark.parametrize("kept", [0.5, 0.99, 0])
def test_a_truncated_archive_is_named(tmp_path, kind, kept):
    paths = write_batches(tmp_path / "elsewhere", "py" if kind == "python" else "bin")
    archive = pack(paths, tmp_path / f"cifar10/cifar-10-{kind}.tar.gz")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataCorrupt, match=rf"{archive}.*run `suite data get cifar10`"):
        load("cifar10", tmp_path)


def test_an_archive_without_a_batch_is_named(tmp_path):
    paths = write_batches(tmp_path / "elsewhere", "py")
    archive = pack(paths[:-1], tmp_path / "cifar-10-python.tar.gz")
    with pytest.raises(DataCorrupt, match=rf"{archive}: the archive has no {BATCHES[-1]}"):
        load("cifar10", tmp_path)


def test_a_broken_image_is_named_with_its_row_when_it_is_needed(tmp_path):
    write_mirror(tmp_path)
    images = [encoded(image, "JPEG", quality=75) for image in PIXELS]
    images[42] = images[42][:300]
    path = write_parquet(tmp_path, "train", images, LABELS.tolist())
    train = load("cifar10", tmp_path).train[0]
    assert train[ALL[:42]].shape == (42, 3, 32, 32)
    with pytest.raises(DataCorrupt, match=rf"{path}: row 42: the image cannot be decoded .*suite data get cifar10"):
        train[ALL]


@pytest.mark.parametrize(
    ("row", "image", "label", "message"),
    [
        (7, b"GIF89a", 7, "row 7: neither a PNG nor a JPEG image"),
        (8, None, 8, "row 8: neither a PNG nor a JPEG image"),
        (9, encoded(PIXELS[9], "PNG"), 11, "row 9: label 11 where 0 to 9 were expected"),
        (9, encoded(PIXELS[9], "PNG"), -1, "row 9: label -1 where 0 to 9 were expected"),
        (3, encoded(PIXELS[3], "PNG"), None, "row 3: label None where a whole number was expected"),
        (6, encoded(PIXELS[6][:, :16], "PNG"), 6, r"row 6: an image of \(16, 32\) pixels"),
    ],
)
def test_a_bad_row_of_a_mirror_is_named(tmp_path, row, image, label, message):
    write_mirror(tmp_path)
    images, labels = [encoded(image, "PNG") for image in PIXELS], LABELS.tolist()
    images[row], labels[row] = image, label
    path = write_parquet(tmp_path, "train", images, labels)
    with pytest.raises(DataCorrupt, match=rf"{path}: {message}"):
        load("cifar10", tmp_path).train[0][ALL]


def test_a_missing_column_a_file_that_is_no_parquet_and_an_empty_one_are_named(tmp_path):
    write_mirror(tmp_path)
    path = write_parquet(tmp_path, "test", [], [])
    with pytest.raises(DataCorrupt, match=rf"{path}: no images"):
        load("cifar10", tmp_path)
    parquet.write_table(pa.table({"image": [b""], "label": [1]}), path)
    with pytest.raises(DataCorrupt, match=rf"{path}: no column img: found image, label"):
        load("cifar10", tmp_path)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataCorrupt, match=rf"{path}: not a sound parquet file"):
        load("cifar10", tmp_path)


@pytest.mark.skipif(not os.environ.get("SUITE_DATA"), reason="SUITE_DATA names no data root with CIFAR-10")
def test_the_set_at_the_data_root_is_recognised_and_split():
    try:
        content = load("cifar10", None)
    except DataMissing as error:
        pytest.skip(str(error))
    assert content.source in ("cifar10:official", "cifar10:binary", "cifar10:png", "cifar10:jpeg75")
    splits = content.splits("quick")
    train, validation, test = splits.train, splits.validation, splits.tests["test"]
    assert (len(train), len(validation), len(test)) == (1_000, 200, 250)
    assert np.bincount(train.tensors[1]).tolist() == [100] * 10
    assert len(samples(train) | samples(validation) | samples(test)) == 1_450
    assert train.tensors[0].mean((0, 2, 3)).abs().max() < 0.1
    assert (train.tensors[0].std((0, 2, 3)) - 1).abs().max() < 0.1
