"""The real language model and encoder, where their wheels are in the data root; part of a minute together."""

import numpy as np
import pytest
import torch

from suite.contract import DataMissing
from suite.contract.registry import registry
from suite.crossbar.frozen import freeze, learned
from suite.data import load
from workloads.shared.vision_language import choices, descriptions, models
from workloads.shared.vision_language.encoder import CHANNELS, features
from workloads.shared.vision_language.speech import answer_token
from workloads.shared.vision_language.words import NUMBERS, PHOTOGRAPHS

pytestmark = pytest.mark.slow
# Mean, standard deviation and three features of the published code for the pixels of the last test.
GOLDEN = (0.50282, 1.3273, 2.43686, 2.61116, 4.22414)
PARIS = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n" + (
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
)


@pytest.fixture(scope="module")
def speech():
    try:
        return models.speech_of("quick")
    except DataMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def workload(speech):
    return registry(()).workload("vlm_smollm2_cifar").at("quick", {})


@pytest.fixture(scope="module")
def network(workload):
    return workload.network(torch.Generator().manual_seed(0))


def test_text_becomes_the_tokens_of_the_published_template_and_text_again(speech):
    tokens = speech.encode(PARIS)
    assert (len(tokens), tokens[:3]) == (37, [1, 9690, 198])
    assert speech.decode(tokens) == PARIS


@torch.no_grad()
def test_it_knows_the_capital_of_france(speech):
    """In single precision: in bfloat16 the first word is a near tie."""
    model, tokens, said = models.model_of("quick").float(), speech.encode(PARIS), []
    past, present = model.kept(torch.tensor([tokens[:-1]]))
    word = torch.tensor(tokens[-1:])
    for _ in range(8):
        states, past = model.after(past, present, model.token_embd(word)[None])
        present = torch.cat([present, present.new_ones(1, 1)], 1)
        word = (states[0, -1:] @ model.token_embd.weight.T).argmax(1)
        said.append(int(word))
    assert speech.decode(said).startswith("The capital of France is Paris.")


@torch.no_grad()
def test_a_likely_text_is_little_of_a_surprise(speech, network):
    prompt = torch.tensor(speech.encode("The capital of France is"))
    told, strange = (
        descriptions.perplexity(network.model, prompt, speech.encode(text)) for text in (" Paris.", " seven.")
    )
    assert told < 5 < 50 < strange


def test_answers_are_one_token_each_and_distinct(speech):
    words = [*PHOTOGRAPHS, *NUMBERS, "yes", "no", "left", "right"]
    assert len({answer_token(speech, word) for word in words}) == len(words)


def test_a_step_trains_the_projection_and_leaves_the_language_model_as_it_was_read(speech, workload, network):
    freeze(workload, network.train())
    asked = [choices.Asked(i, "What is in the picture?", PHOTOGRAPHS, PHOTOGRAPHS[i]) for i in range(2)]
    drawn = np.random.default_rng(0).normal(size=(2, 4, CHANNELS)).astype(np.float32)
    samples = choices.choices(speech, drawn, asked)
    batch = torch.utils.data.default_collate([samples[0], samples[1]])
    loss = workload.step(workload, network, batch)
    loss.backward()
    assert torch.isfinite(loss) and network.projection.weight.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in network.model.parameters())
    assert set(learned(workload, network)) == {"projection.weight", "projection.bias"}


def test_the_encoder_gives_what_the_published_code_gives():
    """GOLDEN is what `extract_features` of the package efficientnet-lite-pytorch 0.1.0 gives."""
    try:
        state = load("efficientnet_lite0").state
    except DataMissing as missing:
        pytest.skip(str(missing))
    rows = torch.linspace(-1, 1, 96)
    pixels = torch.stack([rows[:, None] * rows, rows[:, None].expand(96, 96), (9 * rows).sin().expand(96, 96)])[None]
    with torch.no_grad():
        found = features(state, pixels)
    assert found.shape == (1, CHANNELS, 3, 3)
    assert [float(found.mean()), float(found.std()), *found[0, 31, 1].tolist()] == pytest.approx(GOLDEN, abs=2e-4)
