"""Networks that answer on images: scenes, words, what is kept of prompts, choices."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from suite.contract import DataCorrupt, DataMissing, SuiteError
from suite.contract.registry import registry
from suite.data import load
from suite.data.sources.coco import NAMES, Photograph
from workloads.shared.vision_language import choices, descriptions, models, outline, pairs, symmetries, words
from workloads.shared.vision_language.answerer import Answerer
from workloads.shared.vision_language.baselines import clustered_error
from workloads.shared.vision_language.language_model import LanguageModel
from workloads.shared.vision_language.mentions import mentioned
from workloads.shared.vision_language.scenes import Scenes
from workloads.shared.vision_language.speech import BytePairs, answer_token
from workloads.shared.vision_language.tasks import COUNTED, NAMED


def drawn(count=180):
    return np.stack(list(Scenes("train", count).pictures()))


def test_the_area_of_a_scene_does_not_tell_how_many_shapes_it_holds():
    pictures, numbers = drawn(), Scenes("train", 180).numbers
    area = (pictures != pictures[:, :1, :1]).any(3).mean((1, 2))
    assert abs(np.corrcoef(area, numbers)[0, 1]) < 0.2
    assert area.min() > 0.03 and area.max() < 0.17
    assert np.bincount(numbers).tolist() == [0, *[20] * 9]


def test_corners_of_the_outline_count_shapes():
    found = outline.outlines(drawn(45)).astype(np.float64).sum(1) * 32**2
    euler = (found[:, 0] - found[:, 1] - 2 * found[:, 2]) / 4
    assert np.allclose(euler, Scenes("train", 45).numbers, atol=0.2)


def test_scenes_of_two_splits_differ_and_those_of_one_do_not():
    assert np.array_equal(drawn(2), drawn(2))
    assert not np.array_equal(drawn(1)[0], next(iter(Scenes("test", 1).pictures())))


def test_questions_are_padded_before_their_words():
    (row,) = words.spelled([NAMED])
    assert row.tolist()[:4] == [0] * 4
    assert [words.WORDS[number - 1] for number in row[4:]] == NAMED.rstrip("?").split()


@pytest.mark.parametrize(
    ("question", "said"),
    [("what is a zebra?", "'zebra' is none of its words"), ("is " * 10, "10 words, where 1 to 9 are read")],
)
def test_a_question_that_cannot_be_read_is_refused(question, said):
    with pytest.raises(DataCorrupt, match=said):
        words.spelled([question])


def test_an_answer_of_two_words_is_refused():
    with pytest.raises(DataCorrupt, match="answer 'dark red' is none of the 32 words"):
        words.answer_numbers(["yes", "dark red"])


def test_padding_before_a_question_changes_no_answer():
    network = Answerer(4, 6, 16, 2).eval()
    features = torch.randn(2, 4, 6)
    asked = torch.from_numpy(words.spelled([COUNTED, NAMED]))
    with torch.no_grad():
        before = network((features, asked))
        network.words.weight[0] = 7.0
        network.places[: words.LONGEST - 5] = 9.0
        assert torch.allclose(network((features, asked)), before, atol=1e-5)


def test_all_linear_layers_of_the_small_network_are_arrays():
    workload = registry(()).workload("vlm_small").at("reference", {})
    network = workload.network(torch.Generator().manual_seed(0))
    arrays = workload.arrays(network)
    assert len(arrays) == 1 + 4 * 4 + 1 and list(arrays)[-1] == "answer.weight"
    assert len(network.noise_points) == 4 * 4 + 1


def test_numbers_off_by_one_are_near_and_other_words_are_not():
    workload = registry(()).workload("vlm_small")
    number = words.answer_numbers(["one", "two", "nine", "cat", "circle"])
    chosen = words.answer_numbers(["two", "two", "circle", "deer", "circle"])
    found = workload.scores(torch.eye(len(words.ANSWERS))[chosen], torch.from_numpy(number))
    assert found == {"accuracy": 0.4, "near": pytest.approx(0.6)}


def test_an_unknown_encoder_is_refused():
    with pytest.raises(SuiteError, match="encoder is 'clip'; write outline or efficientnet"):
        registry(()).workload("vlm_small").at("ci", {"encoder": "clip"}).data("ci", None, 0)


def test_questions_of_one_image_are_one_draw():
    values, image = np.array([1.0, 1, 0, 0]), np.array([0, 0, 1, 1])
    assert clustered_error(values, image) == pytest.approx(0.5)
    assert clustered_error(values, np.arange(4)) == pytest.approx(0.5 / 3**0.5)


@pytest.fixture(scope="module")
def tiny():
    return models.model_of("ci").eval()


def run(model: LanguageModel, tokens):
    """States of a prompt but of its first token, which alone is kept."""
    past, present = model.kept(torch.tensor([tokens[:1]]))
    return model.after(past, present, model.token_embd(torch.tensor([tokens[1:]])))[0]


@torch.no_grad()
def test_what_is_kept_of_a_prompt_is_what_it_gives_as_a_whole(tiny):
    past, present = tiny.kept(torch.tensor([[3, 1, 4]]))
    found, _ = tiny.after(past, present, tiny.token_embd(torch.tensor([[1, 5]])))
    assert torch.allclose(found, run(tiny, [3, 1, 4, 1, 5])[:, 2:], atol=1e-5)


@torch.no_grad()
def test_prompts_of_two_lengths_give_what_each_gives_alone(tiny):
    past, present = tiny.kept(torch.tensor([[-1, -1, 3], [2, 6, 5]]))
    found, _ = tiny.after(past, present, tiny.token_embd(torch.tensor([[1], [1]])))
    assert torch.allclose(found[0], run(tiny, [3, 1])[0], atol=1e-5)
    assert torch.allclose(found[1], run(tiny, [2, 6, 5, 1])[0, 2:], atol=1e-5)


def test_a_gradient_reaches_the_projection_alone():
    workload = registry(()).workload("vlm_smollm2_cifar").at("ci", {})
    network = workload.network(torch.Generator().manual_seed(0))
    frozen = workload.frozen(network)
    assert {name for name, _ in network.named_parameters()} - set(frozen) == {"projection.weight", "projection.bias"}
    asked = torch.zeros(2, 3, dtype=torch.long), torch.tensor([[1, 2], [3, -1]])
    outputs = network((torch.randn(2, 4, outline.CHANNELS), *asked))
    assert outputs[1, 1] == -1e4
    outputs[:, 0].sum().backward()
    assert network.projection.weight.grad.abs().sum() > 0


def test_placement_puts_the_language_model_on_crossbars_too():
    workload = registry(()).workload("vlm_smollm2_cifar")
    counts = {}
    for placement in ("projection", "model"):
        at = workload.at("ci", {"placement": placement})
        counts[placement] = len(at.arrays(at.network(torch.Generator().manual_seed(0))))
    assert counts == {"projection": 1, "model": 1 + 7 * models.TINY.layers}
    with pytest.raises(SuiteError, match="placement is 'all'; write projection or model"):
        workload.at("ci", {"placement": "all"}).network(torch.Generator())


def test_an_answer_of_two_tokens_is_refused():
    with pytest.raises(DataCorrupt, match="answer 'one two' is 2 tokens"):
        answer_token(models.speech_of("ci"), "one two")


def test_questions_may_have_answers_of_different_number():
    asked = [choices.Asked(0, "What is in the picture?", ("one", "two", "six"), "six")]
    asked += [choices.Asked(1, "How many shapes are there?", ("two", "one"), "two")]
    found = choices.choices(models.speech_of("ci"), np.zeros((2, 4, 3), np.float32), asked)
    assert found.answers.tolist() == [2, 0] and found.candidates[1, 2] == choices.NONE
    assert len(found.words[0]) == len(["Question:", "What", "is", "in", "the", "picture?", "Image:"])


def test_quarters_of_an_odd_grid_share_its_middle():
    grid = np.arange(9, dtype=np.float32).reshape(1, 9, 1)
    assert choices.pooled_cells(grid)[0, :, 0].tolist() == [2, 3, 5, 6]


def test_which_is_asked_of_either_kind_in_the_same_words():
    shown = [("cat",), ("dog",), ("cat", "dog"), ("car",)]
    photographs = [Photograph(str(i), Path(), frozenset(on), frozenset(on)) for i, on in enumerate(shown)]
    photographs[3] = replace(photographs[3], marked=frozenset({"car", "dog"}))
    asked = pairs.which(photographs, {name: name for name in ("car", "cat", "dog")}, "test", 10)
    by_question = {}
    for one in asked:
        by_question.setdefault((one.question, one.answers), []).append((one.right, one.image))
    found = {tuple(sorted(right)) for right in by_question.values()}
    # Of cat and dog the third has both; of car and dog the fourth has a crowd of dogs.
    assert found == {(("cat", 0), ("dog", 1)), (("car", 3), ("cat", 0))}


def test_an_image_trains_or_is_asked_in_a_test_and_not_both():
    try:
        found = load("coco")
    except DataMissing as missing:
        pytest.skip(str(missing))
    assert not {one.name for one in found.train} & {one.name for one in found.held}
    assert (len(found.train), len(found.held), found.source) == (282, 128, "coco128+more")


def test_words_of_a_text_are_classes_longest_first():
    said = "Two hot dogs, a Man's bike and glasses on tables; no bears."
    assert mentioned(said, NAMES) == {"hot dog", "person", "bicycle", "dining table", "bear"}
    assert mentioned("the bus and the buses", NAMES) == {"bus"}
    assert mentioned("three of one", ["one", "two", "three"]) == {"one", "three"}


def test_what_is_named_is_there_or_not():
    found = descriptions.grounded({"cat", "dog"}, frozenset({"cat", "car", "cup", "bed"}))
    assert found == {"recall": 0.25, "hallucinated": 0.5}
    assert np.isnan(descriptions.grounded(set(), frozenset({"cat"}))["hallucinated"])


def test_pairs_of_tokens_repeat():
    assert descriptions.repeated([1, 2, 1, 2, 1]) == 0.5
    assert descriptions.repeated([1, 2, 3]) == descriptions.repeated([]) == 0


def test_a_text_ends_at_the_first_mark():
    assert descriptions._ended([5, 6, 2, 7, 0], (0, 2)) == [5, 6]


def test_perplexity_is_that_of_each_token_after_all_before_it(tiny):
    prompt, said = torch.tensor([3, 1]), [4, 1, 5]
    with torch.no_grad():
        past, present = tiny.kept(prompt[None, :1])
        states, _ = tiny.after(past, present, tiny.token_embd(torch.tensor([[1, 4, 1]])))
        shares = (states[0] @ tiny.token_embd.weight.T).log_softmax(1)[range(3), said]
    assert descriptions.perplexity(tiny, prompt, said) == pytest.approx(float((-shares.mean()).exp()), rel=1e-5)
    assert np.isnan(descriptions.perplexity(tiny, prompt, []))


def test_a_description_says_at_each_step_what_is_likeliest():
    network = registry(()).workload("vlm_smollm2_coco").at("ci", {}).network(torch.Generator().manual_seed(0)).eval()
    features = np.random.default_rng(0).normal(size=(2, 4, outline.CHANNELS)).astype(np.float32)
    said = descriptions.spoken(network, features)
    assert [len(row) for row in said] == [descriptions.LONGEST] * 2
    table, speech = network.model.token_embd, models.speech_of("ci")
    with torch.no_grad():
        before = table(torch.tensor(speech.encode(models.BEFORE.format(descriptions.QUESTION))))
        image = network.tokens(torch.from_numpy(features[1]))
        whole = torch.cat([before, image, table(network.after), table(torch.tensor(said[1][:-1]))])
        past, present = network.model.kept(torch.tensor([[-1]]))
        states, _ = network.model.after(past, present, whole[None])
    assert (states[0, -descriptions.LONGEST :] @ table.weight.T).argmax(1).tolist() == said[1]


def test_without_the_reader_of_its_text_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(DataMissing, match=r"pip install 'crossbar-suite\[vlm\]'"):
        BytePairs({"tokens": [], "merges": [], "special": []})


def test_grids_of_scenes_are_turned_and_those_of_photographs_mirrored_at_most():
    ways = symmetries.eight_ways(4).tolist()
    assert ways[:3] == [[0, 1, 2, 3], [1, 0, 3, 2], [1, 3, 0, 2]]
    assert len({*map(tuple, ways)}) == 8
    features = torch.arange(4.0).view(1, 4, 1).expand(400, 4, 2)
    asked = torch.from_numpy(words.spelled([COUNTED, NAMED] * 200))
    found, same = symmetries.varied([features, asked], torch.Generator().manual_seed(0))
    assert torch.equal(same, asked)
    rows = [tuple(row) for row in found[:, :, 1].tolist()]
    assert {*rows[::2]} == {*map(tuple, ways)} and {*rows[1::2]} == {*map(tuple, ways[:2])}
