"""Automata: files that users write, with what is wrong in them told by field, and generated ones."""

import pytest

from suite.data.automata.automaton import BadAutomaton, neurons_needed, read_automaton
from suite.data.automata.generated import generated
from tests.toys import suite

GATE = """states: [locked, open]
stimuli: [coin, push]
outputs: [thanks]
edges:
  - {from: locked, input: coin, to: open, output: thanks}
  - {from: open, input: push, to: locked}
"""


@pytest.fixture
def gate(tmp_path):
    def write(text=GATE):
        path = tmp_path / "gate.yaml"
        path.write_text(text)
        return path

    return write


def test_a_file_is_an_automaton(gate):
    assert read_automaton(gate()).table == [(0, 0, 1, 0), (1, 1, 0, -1)]


def test_the_built_in_one_has_what_generated_ones_lack():
    player = read_automaton("player")
    assert (len(player.states), len(player.edges)) == (8, 16)
    stimuli = [edge.stimulus for edge in player.edges]
    assert len(set(stimuli)) < len(stimuli)
    pairs = {(edge.source, edge.target, edge.stimulus) for edge in player.edges}
    assert any(source == target for source, target, _ in pairs)
    assert any(source != target and (target, source, stimulus) in pairs for source, target, stimulus in pairs)
    assert player.neurons_needed == 432


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "to: open",
            "to: opn",
            r"field edges.0.to: unknown state 'opn', did you mean 'open'\? \(known: locked, open\)",
        ),
        ("input: push", "input: pull", r"field edges.1.input: unknown stimulus 'pull'"),
        ("output: thanks", "output: thank", r"field edges.0.output: unknown output 'thank', did you mean 'thanks'"),
        ("from: open, input: push", "from: locked, input: coin", r"field edges.1: .* two edges on .*'coin'.*edges.0;"),
        ("[locked, open]", "[locked, open, open]", r"field states: 'open' is given twice"),
        ("[locked, open]", "[locked, off]", r"field states.1: YAML reads this name as False; put it in quotes"),
        ("output: thanks}", "outptu: thanks}", r"field edges.0.outptu: unknown key, did you mean 'output'"),
        ("stimuli: [coin, push]\n", "", r"field stimuli: Field required"),
        ("states:", "states: [", r"cannot be read as YAML"),
        (GATE, "- locked", r"an automaton is a mapping of states, stimuli and edges"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_field(gate, old, new, told):
    path = gate(GATE.replace(old, new))
    with pytest.raises(BadAutomaton, match=told) as error:
        read_automaton(path)
    assert str(error.value).startswith(f"{path}: ")


def test_unknown_names_and_files():
    with pytest.raises(BadAutomaton, match="did you mean 'player'"):
        read_automaton("playr")
    with pytest.raises(BadAutomaton, match=r"nowhere.yaml: no such file"):
        read_automaton("nowhere.yaml")


def test_generated_ones_are_a_ring_and_more_with_a_stimulus_for_every_edge():
    machine = generated(5, 9)
    assert [(source, target) for source, _, target, _ in machine.table[:5]] == [(n, (n + 1) % 5) for n in range(5)]
    assert [stimulus for _, stimulus, _, _ in machine.table] == list(range(9))
    assert machine == generated(5, 9) != generated(5, 9, draw=1)
    with pytest.raises(Exception, match="two states and two edges at least, not 1 and 2"):
        generated(1, 2)


def test_the_verb_says_size_and_neurons(gate):
    told = suite("automaton", "check", gate(GATE.replace("[coin, push]", "[coin, push, kick]")))
    assert told.exit_code == 0
    assert "2 states, 3 stimuli, 1 outputs, 2 edges; deterministic" in told.output
    assert f"{neurons_needed(2, 2)} neurons" in told.output
    assert "stimuli that no edge has: kick" in told.output
    broken = suite("automaton", "check", gate(GATE.replace("to: open", "to: opn")))
    assert (broken.exit_code, "unknown state" in broken.output) == (2, True)
