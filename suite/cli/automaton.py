"""The verb about finite automata, which the workloads `vsa_fsm...` embed in attractor networks."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def automaton() -> None:
    """Automata as YAML files: states, stimuli, outputs, edges.

    \b
    Example: suite automaton check my_automaton.yaml
    """


@automaton.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read an automaton from FILE (or a built-in one by name) and say its size and the neurons that it needs.

    \b
    Example: suite automaton check player
    """
    from suite.data.automata.automaton import read_automaton
    from suite.data.automata.report import lines

    for line in lines(read_automaton(file)):
        click.echo(line)
