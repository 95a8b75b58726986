"""The training loop: same bytes every time, keyed streams, plain networks out, divergence named."""

from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.data import Subset, TensorDataset, default_collate

from suite.contract import Method, NotApplicable, Recipe, Score, Splits, Workload, accuracy, default_arrays, seeded
from suite.contract.registry import registry
from suite.training.loop import COMMON_SPACE, TrainingDiverged, one_cycle, train

erm = registry().method("erm")
bayesmulti = registry().method("bayesmulti")
RATES = {"rate_1": 0.5}
RECIPE = Recipe(epochs=3, batch=16, learning_rate=1e-2)


def points(count=50):
    generator = torch.Generator().manual_seed(5)
    inputs = torch.randn(count, 6, generator=generator)
    return TensorDataset(inputs, (inputs[:, 0] > 0).long())


def small(generator, dropout=0.0):
    with seeded(generator):
        layers = OrderedDict(fc1=nn.Linear(6, 20), relu1=nn.ReLU(), drop=nn.Dropout(dropout), fc2=nn.Linear(20, 2))
        return nn.Sequential(layers)


WORKLOAD = Workload(
    title="Two half spaces",
    data=lambda scale, root, seed, settings: SPLITS,
    network=lambda generator, scale=None, settings=None: small(generator),
    recipe=lambda scale: RECIPE,
    measures={"accuracy": Score("Accuracy", 0.5)},
    scores=lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
    floor=("accuracy", 0.8),
)
SPLITS = Splits(points(), points(), {"test": points()}, "synthetic:half-spaces")


def trained(workload=WORKLOAD, method=erm, params=None, recipe=RECIPE, splits=SPLITS, seed=0, options=None, **rest):
    keys = {"name": "half_spaces", "entropy": 1, "seed": seed, "params": params or {}, "options": options or {}}
    return train(workload, method, splits, recipe, **keys, **rest)


def state(network):
    return {name: value.numpy().tobytes() for name, value in network.state_dict().items()}


@pytest.mark.parametrize(
    ("method", "params", "options"),
    [(erm, {}, {}), (bayesmulti, RATES, {}), (bayesmulti, RATES, {"target": "weight"})],
)
def test_equal_arguments_give_equal_bytes_whatever_ran_before(method, params, options):
    first = trained(method=method, params=params, options=options)
    torch.manual_seed(99)
    trained(seed=4)
    assert state(trained(method=method, params=params, options=options)) == state(first)
    assert state(trained(method=method, params=params, options=options, seed=1)) != state(first)


@pytest.mark.parametrize("options", [{}, {"target": "weight"}])
def test_the_trained_network_is_a_plain_one_in_evaluation_mode(options):
    network = trained(method=bayesmulti, params=RATES, options=options)
    plain = small(torch.Generator())
    assert list(network.state_dict()) == list(plain.state_dict())
    assert [type(module) for module in network.modules()] == [type(module) for module in plain.modules()]
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module.training or module._forward_hooks for module in network.modules())
    plain.load_state_dict(network.state_dict())
    inputs = points().tensors[0]
    assert network(inputs).equal(plain.eval()(inputs))


def test_a_step_may_average_over_several_draws():
    """Without noise all draws are alike: the same training, up to rounding. Under noise it is another one."""
    once, thrice = (trained(draws=draws).state_dict() for draws in (1, 3))
    for name in once:
        torch.testing.assert_close(once[name], thrice[name], atol=1e-4, rtol=1e-3)
    noisy = {"method": bayesmulti, "params": RATES, "options": {"target": "weight"}}
    assert state(trained(**noisy, draws=3)) != state(trained(**noisy))


def test_every_draw_has_noise_of_its_own():
    seen = []

    def watching(network, arrays, params, generator, **options):
        def note(module, inputs):
            seen.append(module.weight.detach().clone())

        handles = bayesmulti.attach(network, arrays, params, generator, **options)
        return [*handles, network[0].register_forward_pre_hook(note)]

    watched = replace(bayesmulti, attach=watching)
    recipe = replace(RECIPE, epochs=1)
    trained(method=watched, params=RATES, options={"target": "weight"}, recipe=recipe, draws=4)
    first, second, *_ = seen
    assert not first.equal(second)
    assert ((first == 0) != (second == 0)).any()


class Reader(nn.Module):
    """A recurrent network over the six numbers of a point."""

    def __init__(self):
        super().__init__()
        self.cells = nn.GRU(1, 8, batch_first=True)
        self.head = nn.Linear(8, 2)

    def forward(self, inputs):
        return self.head(self.cells(inputs[:, :, None])[0][:, -1])


def reader(generator, scale=None, settings=None):
    with seeded(generator):
        return Reader()


OWN = {"its own": lambda network: {"cells.weight_hh_l0": network.cells.weight_hh_l0}, "default": default_arrays}


@pytest.mark.parametrize("arrays", OWN)
def test_noise_sits_where_the_workload_has_its_arrays(arrays):
    """Recurrent ones among them, and the network that comes out is a plain one."""
    method, seen = registry().method("lognormal_weight"), []

    def watching(network, arrays, params, generator):
        handles = method.attach(network, arrays, params, generator)
        names = (name for name, _ in network.named_parameters() if "parametrizations" in name)
        seen.extend(name.replace("parametrizations.", "").removesuffix(".original") for name in names)
        return handles

    workload = replace(WORKLOAD, network=reader, arrays=OWN[arrays])
    network = trained(workload, replace(method, attach=watching), {"sigma_max": 0.5})
    assert sorted(seen) == sorted(OWN[arrays](Reader()))
    assert list(network.state_dict()) == list(Reader().state_dict())
    assert state(network) != state(trained(workload))
    assert state(network) == state(trained(workload, method, {"sigma_max": 0.5}))


def test_methods_start_from_the_same_weights_and_see_the_same_batches():
    seen = {}

    def watched(label):
        def step(workload, network, batch):
            first = network.fc1.parametrizations.weight.original if label == "weight" else network.fc1.weight
            seen.setdefault(label, []).append((first.detach().clone(), batch[0].clone()))
            return workload.loss(network(batch[0]), batch[1])

        return replace(WORKLOAD, step=step)

    trained(watched("erm"))
    trained(watched("activation"), bayesmulti, RATES)
    trained(watched("weight"), bayesmulti, RATES, options={"target": "weight"})
    for label in ("activation", "weight"):
        assert seen[label][0][0].equal(seen["erm"][0][0])
        assert all(one[1].equal(other[1]) for one, other in zip(seen[label], seen["erm"], strict=True))
        assert not seen[label][-1][0].equal(seen["erm"][-1][0])


def test_an_epoch_is_every_sample_once_in_a_new_order_and_even_batches():
    batches = []

    def step(workload, network, batch):
        batches.append(batch[0])
        return workload.loss(network(batch[0]), batch[1])

    trained(replace(WORKLOAD, step=step))
    assert [len(batch) for batch in batches] == [13, 13, 12, 12] * 3
    epochs = [torch.cat(batches[4 * epoch : 4 * epoch + 4]) for epoch in range(3)]
    everything = points().tensors[0].sort(0).values
    assert all(epoch.sort(0).values.equal(everything) for epoch in epochs)
    assert not epochs[0].equal(epochs[1])


def seen(method=erm, seed=0, augment=None, workload=WORKLOAD, data=None):
    """The inputs of every batch that the workload's step is given."""
    batches = []

    def step(workload, network, batch):
        batches.append(batch[0].numpy().tobytes())
        return WORKLOAD.step(workload, network, batch)

    splits = replace(SPLITS, augment=augment, train=data or SPLITS.train)
    params = RATES if method is bayesmulti else {}
    trained(replace(workload, step=step), method, params, splits=splits, seed=seed)
    return batches


def moved(inputs, generator):
    return inputs + torch.rand(len(inputs), 1, generator=generator, device=generator.device)


def test_augmentation_varies_every_batch_by_a_stream_of_workload_and_seed_alone():
    varied = seen(augment=moved)
    assert len(set(varied)) == len(varied)
    assert not set(varied) & set(seen())
    assert varied == seen(augment=moved) == seen(bayesmulti, augment=moved)
    assert not set(varied) & set(seen(seed=1, augment=moved))
    assert varied == seen(augment=moved, data=Subset(SPLITS.train, range(50)))


def test_the_batches_of_data_without_augmentation_are_the_data():
    assert seen(augment=lambda inputs, generator: inputs) == seen()


def mirrored(samples, generator):
    """Some inputs with another sign, each with another target."""
    turned = torch.randint(0, 2, (len(samples),), generator=generator).bool()
    pairs = zip(turned, samples, strict=True)
    return [(-inputs, 1 - targets) if turn else (inputs, targets) for turn, (inputs, targets) in pairs]


@pytest.mark.parametrize("data", [SPLITS.train, Subset(SPLITS.train, range(50))])
def test_where_a_workload_collates_samples_are_augmented_before_with_their_targets(data):
    batches = []

    def step(workload, network, batch):
        batches.append(batch)
        return WORKLOAD.step(workload, network, batch)

    before = [tensor.clone() for tensor in SPLITS.train.tensors]
    splits = replace(SPLITS, augment=mirrored, train=data)
    trained(replace(WORKLOAD, collate=default_collate, step=step), splits=splits)
    inputs, targets = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert ((inputs[:, 0] > 0) == targets).all()
    assert not torch.isin(inputs, before[0]).all()
    assert [tensor.tolist() for tensor in SPLITS.train.tensors] == [tensor.tolist() for tensor in before]


def test_one_step_lowers_the_loss():
    inputs, targets = points().tensors
    network = trained(recipe=replace(RECIPE, epochs=1, batch=50))
    before = trained(recipe=replace(RECIPE, epochs=1, batch=50, learning_rate=0.0))
    assert WORKLOAD.loss(network(inputs), targets) < WORKLOAD.loss(before(inputs), targets)


def test_training_learns():
    inputs, targets = points().tensors
    assert accuracy(trained(recipe=replace(RECIPE, epochs=30))(inputs), targets) > 0.95


@pytest.mark.parametrize("clip", [None, 0.01])
def test_sgd_step_is_the_textbooks(clip):
    recipe = Recipe(1, 50, 0.5, "sgd", weight_decay=0.1, schedule="constant", clip_value=clip)
    start = trained(recipe=replace(recipe, learning_rate=0.0))
    inputs, targets = points().tensors
    WORKLOAD.loss(start(inputs), targets).backward()
    moved = trained(recipe=recipe, params={"learning_rate_factor": 0.5, "weight_decay": 0.2})
    for before, after in zip(start.parameters(), moved.parameters(), strict=True):
        gradient = before.grad if clip is None else before.grad.clamp(-clip, clip)
        expected = before - 0.25 * (gradient + 0.2 * before)
        torch.testing.assert_close(after, expected, rtol=1e-5, atol=1e-6)


def test_weight_decay_defaults_to_the_recipes():
    recipe = replace(RECIPE, weight_decay=1e-2)
    assert state(trained(recipe=recipe)) == state(trained(params={"weight_decay": 1e-2}))
    assert state(trained(recipe=recipe)) != state(trained())


def test_a_loss_that_is_not_finite_is_named():
    def step(workload, network, batch):
        steps.append(1)
        return workload.loss(network(batch[0]), batch[1]) * (float("nan") if len(steps) == 6 else 1.0)

    steps = []
    with pytest.raises(TrainingDiverged, match=r"half_spaces, ERM, seed 0: .*epoch 2, step 2 of 4; lower"):
        trained(replace(WORKLOAD, step=step))


def test_a_network_that_yields_nan_diverges_at_once():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 2)

        def forward(self, x):
            return self.fc(x) / 0.0 - self.fc(x) / 0.0

    with pytest.raises(TrainingDiverged, match="epoch 1, step 1 of 4"):
        trained(replace(WORKLOAD, network=lambda generator, scale=None, settings=None: Broken()))


def test_noise_is_taken_off_even_where_training_fails():
    network = small(torch.Generator())
    broken = replace(WORKLOAD, network=lambda generator, scale=None, settings=None: network, step=lambda *rest: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trained(broken, bayesmulti, RATES, options={"target": "weight"})
    assert list(network.state_dict()) == list(small(torch.Generator()).state_dict())


def test_other_datasets_are_gathered_or_collated_to_the_same_bytes():
    listed = list(zip(*points().tensors, strict=True))
    by_default = trained(splits=replace(SPLITS, train=listed))

    def collate(samples):
        return {"x": torch.stack([x for x, _ in samples]), "y": torch.stack([y for _, y in samples])}

    def step(workload, network, batch):
        return workload.loss(network(batch["x"]), batch["y"])

    own = trained(replace(WORKLOAD, collate=collate, step=step))
    assert state(by_default) == state(own) == state(trained())


def test_a_workload_that_is_not_trainable_is_returned_as_built():
    first = trained(replace(WORKLOAD, trainable=False), recipe=Recipe(0, 1, 0.0))
    assert state(first) == state(trained(recipe=replace(RECIPE, learning_rate=0.0)))
    assert not first.training


def test_layers_that_draw_are_keyed_and_leave_the_global_stream_alone():
    workload = replace(WORKLOAD, network=lambda generator, scale=None, settings=None: small(generator, dropout=0.5))
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first = trained(workload)
    assert torch.rand(3).equal(expected)
    assert state(trained(workload)) == state(first) != state(trained())


def test_methods_may_wrap_the_loop_and_see_every_step():
    seen = []

    def fit(loop, network):
        seen.append("before")
        loop()
        seen.append("after")

    method = Method(
        "Watcher", "none", on_step=lambda network, arrays, step, steps, *rest: seen.append((step, steps)), fit=fit
    )
    trained(method=method)
    assert seen == ["before", *((step, 12) for step in range(12)), "after"]


def test_progress_is_told_after_each_epoch():
    told = []
    trained(progress=lambda *news: told.append(news))
    assert [news[:2] for news in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1][2] < told[0][2]


def test_a_method_without_meaning_says_so():
    with pytest.raises(NotApplicable):
        trained(method=bayesmulti, params=RATES, options={"placement": "authors"})


def test_one_cycle_rises_and_falls():
    shares = [one_cycle(done / 1000) for done in range(1001)]
    assert shares[0] == pytest.approx(1 / 25)
    assert max(shares) == shares[300] == pytest.approx(1)
    assert shares[-1] == pytest.approx(4e-6)
    assert max(abs(one - other) for one, other in zip(shares[1:], shares[:-1], strict=True)) < 0.006
    assert shares[:301] == sorted(shares[:301])
    assert shares[300:] == sorted(shares[300:], reverse=True)


@pytest.mark.parametrize("name", ["mnist_mlp", "mnist_lenet", "cifar_alexnet"])
@pytest.mark.parametrize("scale", ["ci", "quick", "reference", "paper"])
def test_the_first_point_of_the_search_is_the_recipe(name, scale):
    assert COMMON_SPACE["learning_rate_factor"].probe == 1.0
    assert COMMON_SPACE["weight_decay"].probe == registry().workload(name).recipe(scale).weight_decay
