"""The row-wise convolution equals the library's, whatever its geometry."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from suite.sweep.engine.convolution import Convolution
from suite.sweep.engine.lanes import Lanes
from suite.sweep.engine.windows import Geometry

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def cases(draw):
    layer = nn.Conv2d(
        draw(st.integers(1, 3)),
        draw(st.integers(1, 5)),
        draw(pairs),
        stride=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        padding=draw(st.tuples(st.integers(0, 2), st.integers(0, 2))),
        bias=draw(st.booleans()),
    )
    pool = draw(st.integers(1, 3))
    seed = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    samples, height, width = draw(st.integers(1, 5)), draw(st.integers(13, 16)), draw(st.integers(13, 16))
    return layer, pool, draw(st.booleans()), torch.randn(samples, layer.in_channels, height, width, generator=seed)


def expected(layer, pool, relu, inputs):
    outputs = layer(inputs)
    outputs = functional.max_pool2d(outputs, pool) if pool > 1 else outputs
    return outputs.relu() if relu else outputs


@given(cases())
@settings(max_examples=60)
def test_it_equals_the_library(case):
    layer, pool, relu, inputs = case
    kernel = Convolution(Geometry.of(layer), pool, relu)
    with torch.inference_mode():
        want = expected(*case)
        if not want.numel():
            return
        tensors = dict(layer.named_parameters())
        alone = kernel(tensors, inputs).natural()
        shared = kernel(tensors, kernel.prepare(inputs)).natural()
        torch.testing.assert_close(alone, want, rtol=1e-5, atol=1e-5)
        assert torch.equal(shared, alone)


@given(cases())
@settings(max_examples=20)
def test_not_a_number_spreads_to_the_windows_that_hold_it(case):
    layer, pool, relu, inputs = case
    inputs[0, 0, 5, 5] = torch.nan
    with torch.inference_mode():
        found = Convolution(Geometry.of(layer), pool, relu)(dict(layer.named_parameters()), inputs).natural()
        assert torch.equal(found.isnan(), expected(*case).isnan())


@given(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)))
def test_lanes_keep_what_the_network_sees(shape):
    maps = torch.randn(shape)
    lanes = Lanes.of(maps)
    assert lanes.shape == maps.shape
    assert torch.equal(lanes.natural(), maps)
    assert torch.equal(lanes.flat(), maps.flatten(1))
