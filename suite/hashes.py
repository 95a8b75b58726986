"""The hash chain of units: tune < fit < sweep or observe, each holding what the unit reads and the code it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.external import state_file
from suite.files import file_hash
from suite.fingerprint import digest, fingerprint
from suite.registry import Registry, registry
from suite.running_statistics import disturbs
from suite.study import CrossbarSettings, Study
from suite.units import Contestant, FitUnit
from suite.warm_start import counterpart, warming

if TYPE_CHECKING:
    from suite.cube import Block, Place

_HOUSE = Path(__file__).parent
TRAINING_CODE = (_HOUSE / "training.py",)
TUNING_CODE = (_HOUSE / "tuning.py", _HOUSE / "sweep.py", _HOUSE / "devices" / "lognormal.py")
STATISTICS_CODE = (_HOUSE / "crossbar" / "normalisation.py",)
STOPPING_CODE = (_HOUSE / "stopping.py",)
SWEEP_CODE = (_HOUSE / "sweep.py",)
OBSERVE_CODE = (_HOUSE / "observe.py",)
# What hands studies to the code above: it counts itself, not all of the house that it imports.
GLUE = (_HOUSE / "work.py", _HOUSE / "campaign.py", _HOUSE / "external.py")
TUNING_GLUE = (*GLUE, _HOUSE / "worth.py")
STATISTICS_GLUE = (_HOUSE / "running_statistics.py",)

# (study) -> the label of the data that a workload has at that study's scale.
Source = Callable[[Study], str]


@dataclass
class Hashes:
    """The hashes of one workload in one study; warm: those of the study that its searches start warm from."""

    study: Study
    registry: Registry
    name: str
    source: str
    accelerator: str
    warm: Hashes | None = None

    @staticmethod
    def of(study: Study, name: str, source: Source, accelerator: str) -> Hashes:
        """With those of the warm start, if the study asks for one. Raises SuiteError."""
        other = warming(study)
        warm = None if other is None else Hashes.of(other, name, source, accelerator)
        return Hashes(study, registry(study.plugins), name, source(study), accelerator, warm)

    @cached_property
    def base(self) -> dict[str, Any]:
        """What every unit of the workload depends on."""
        from importlib.metadata import version

        torch_minor = ".".join(version("torch").split(".")[:2])
        return {
            "entropy": self.study.entropy,
            "scale": self.study.scale,
            "workload": self.name,
            "source": self.source,
            "accelerator": self.accelerator,
            "torch": torch_minor,
        }

    def tune(self, contestant: Contestant) -> str:
        """Identity of a search, or of the parameters that the study fixes."""
        entry = contestant.entry
        # Where a state lies does not matter; what it holds does, in `fit`.
        stated = entry.model_dump(exclude_none=True, exclude={"state"})
        content = {"base": self.base, "entry": stated, "code": self._training_code(entry.method)}
        if contestant.tuned:
            tuning = self.study.tuning.model_dump(exclude={"warm_start"}, exclude_none=True)
            code = TUNING_CODE + (STOPPING_CODE if "stop_at" in tuning else ())
            content |= {"tuning": tuning, "tuning_code": fingerprint(*code, alone=TUNING_GLUE)}
            # Which study it is called does not matter; which search it is does.
            content |= {"warm_start": warm} if (warm := self.warm_start(contestant)) else {}
        return digest(content | self._statistics(contestant))

    def _statistics(self, contestant: Contestant) -> dict[str, Any]:
        """What a kind of running statistics follows from that is not as training left them; {} where none can be.

        Where nothing is searched one trial decides, if the network has such statistics: it is not built to see that.
        """
        entry = contestant.entry
        either = entry.statistics is None and disturbs(self.registry.method(entry.method))
        if not either and entry.statistics != "clean":
            return {}
        content: dict[str, Any] = {"statistics_code": fingerprint(*STATISTICS_CODE, alone=STATISTICS_GLUE)}
        if either and not contestant.tuned:
            content["worth"] = self.study.tuning.model_dump(include={"sigma_log", "realisations"})
            content["worth_code"] = fingerprint(*TUNING_CODE, alone=TUNING_GLUE)
        return content

    def warm_start(self, contestant: Contestant) -> str:
        """Identity of the search that a contestant's own begins with the best of; "" where it begins cold."""
        if self.warm is None or not contestant.tuned:
            return ""
        other = counterpart(contestant, self.warm.study)
        return "" if other is None else self.warm.tune(other)

    def fit(self, contestant: Contestant, seed: int, tune: str) -> str:
        """Identity of a trained state."""
        content = {"tune": tune, "seed": seed, "code": self._training_code(contestant.entry.method)}
        if contestant.entry.state is not None:
            content["state"] = file_hash(state_file(contestant.entry.state, contestant.workload, seed))
        return digest(content)

    def sweep(self, fit: FitUnit, block: Block) -> str:
        """Identity of the scores of one block: what they read, not where they lie, so that growth changes none."""
        first = block.conditions[0]
        return _chained(fit.hash, self.crossbar(first.device, first.crossbar))

    def observe(self, fit: FitUnit, place: Place) -> str:
        """Identity of an observation's arrays; the observation's own code is in the workload file."""
        code = self.crossbar(place.condition.device, place.condition.crossbar)
        return digest([fit.hash, code, fingerprint(*OBSERVE_CODE, alone=GLUE)])

    def crossbar(self, device: str, crossbar: str) -> str:
        """What a sweep reads beside the trained state: the crossbar's settings, the code of device and engine."""
        known = self._crossbars.get((device, crossbar))
        if known is None:
            files = [self.registry.entry("workload", self.name).path, self.registry.entry("device", device).path]
            content = [
                device,
                self.study.crossbars.get(crossbar, CrossbarSettings()).model_dump(),
                fingerprint(*files, *SWEEP_CODE, alone=GLUE),
            ]
            known = self._crossbars[device, crossbar] = digest(content)
        return known

    def _training_code(self, method: str) -> str:
        known = self._methods.get(method)
        if known is None:
            files = [self.registry.entry("workload", self.name).path, self.registry.entry("method", method).path]
            known = self._methods[method] = fingerprint(*files, *TRAINING_CODE, alone=GLUE)
        return known

    @cached_property
    def _crossbars(self) -> dict[tuple[str, str], str]:
        return {}

    @cached_property
    def _methods(self) -> dict[str, str]:
        return {}


# The blocks of one training come one after the other and mostly share their hash.
@lru_cache(maxsize=256)
def _chained(fit: str, code: str) -> str:
    return digest([fit, code])


def stage_hashes(study: Study) -> dict[str, str]:
    """One hash for all trainings of a study and one for all its sweeps: what a workflow compares before it reruns.

    Data are not read here; where they come from is `suite.datasets.statuses`' business.
    """
    train: list[str] = []
    sweep: list[str] = []
    observed = [entry.model_dump(mode="json") for entry in study.observe]
    for name in study.workloads:
        hashes = Hashes.of(study, name, lambda study: "", "cpu")
        sweep += [f"{c.key} {hashes.crossbar(c.device, c.crossbar)}" for c in study.conditions_of(name)]
        for label, entry in study.methods.items():
            contestant = Contestant(name, label, entry)
            tune = hashes.tune(contestant)
            train += [hashes.fit(contestant, seed, tune) for seed in study.seeds]
    wanted = [] if study.precision is None else [study.precision.model_dump()]
    swept = digest([sweep, study.realisations, observed, fingerprint(*OBSERVE_CODE), *wanted])
    return {"train": digest(train), "sweep": swept}
