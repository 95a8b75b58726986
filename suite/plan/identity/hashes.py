"""The hash chain of units: tune < fit < sweep or observe, each holding what the unit reads and the code it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from suite.contract.digests import digest, file_hash
from suite.contract.registry import Entry, Registry, registry
from suite.contract.seeds import TUNING_SEED
from suite.contract.sources import Source
from suite.plan.identity.fingerprint import fingerprint
from suite.plan.identity.import_targets import module_file
from suite.plan.identity.libraries import versions
from suite.plan.units import Contestant, FitUnit
from suite.plan.warm_start import alike, counterpart, warming
from suite.studies.entries import MethodEntry
from suite.studies.paths import is_file_name, state_file
from suite.studies.study import CrossbarSettings, Study

if TYPE_CHECKING:
    from pathlib import Path

    from suite.contract import Condition
    from suite.results.cube import Block, Place

# By import, not by path: these files may move.
TRAINING_CODE = ("suite.training.loop",)
EXTERNAL_CODE = ("suite.training.external",)
STATISTICS_CODE = ("suite.sweep.engine.normalisation", "suite.run.running_statistics")
TUNING_CODE = ("suite.training.search", "suite.sweep.sweep", "suite.run.worth")
STOPPING_CODE = ("suite.training.stopping",)
ADAPT_CODE = ("suite.training.adapt",)
SWEEP_CODE = ("suite.sweep.sweep",)
ADAPTED_SWEEP_CODE = ("suite.sweep.adapted",)
OBSERVE_CODE = ("suite.sweep.observe",)
# What tuning scores candidates with.
TUNING_DEVICE = "lognormal"

# (study, seed) -> source and digest of the data that a workload has at that study's scale.
Data = Callable[[Study, int], tuple[Source, str]]


@dataclass
class Hashes:
    """The hashes of one workload in one study; warm: those of the study that its searches start warm from."""

    study: Study
    registry: Registry
    name: str
    data: Data
    accelerator: str
    warm: Hashes | None = None

    @staticmethod
    def of(study: Study, name: str, data: Data, accelerator: str) -> Hashes:
        """With those of the warm start, if the study asks for one. Raises SuiteError."""
        other = warming(study)
        there = None if other is None else alike(name, study, other)
        warm = None if other is None or there is None else Hashes.of(other, there, data, accelerator)
        return Hashes(study, registry(study.plugins), name, data, accelerator, warm)

    @cached_property
    def source(self) -> Source:
        """The source of the data, as every row names it. Raises DataMissing."""
        return self.data(self.study, self.study.seeds[0])[0]

    def data_digest(self, seed: int) -> str:
        """What the data of a seed are; every method asks."""
        seed = self.entry.value.data_seed(seed)
        known = self._digests.get(seed)
        if known is None:
            known = self._digests[seed] = self.data(self.study, seed)[1]
        return known

    @cached_property
    def base(self) -> dict[str, Any]:
        """What every unit of the workload depends on."""
        from importlib.metadata import version

        torch_minor = ".".join(version("torch").split(".")[:2])
        return {
            "entropy": self.study.entropy,
            "scale": self.study.scale,
            "workload": self.entry.name,
            # What labels are called does not matter; which workload they stand for does.
            **({"settings": settings} if (settings := self._settings) else {}),
            **({"epochs": epochs} if (epochs := self.study.workloads[self.name].epochs) else {}),
            "source": self.source,
            "accelerator": self.accelerator,
            "torch": torch_minor,
        }

    @cached_property
    def _settings(self) -> dict[str, Any]:
        """Files that settings name are data: what they hold matters, not where they lie."""
        given = self.study.workloads[self.name].settings
        return {name: "" if isinstance(value, str) and is_file_name(value) else value for name, value in given.items()}

    @cached_property
    def entry(self) -> Entry:
        """The workload's file."""
        return self.registry.entry("workload", self.study.workloads[self.name].workload)

    def tune(self, contestant: Contestant) -> str:
        """Identity of a search, or of the parameters that the study fixes."""
        entry = contestant.entry
        # What is not said may come to be said in new ways; a given state is in `fit`, what follows in `adapted`.
        stated = entry.model_dump(exclude_defaults=True, exclude={"state", "adapt"})
        content = {"base": self.base, "entry": stated, "code": self._training_code(entry.method)}
        if contestant.tuned:
            tuning = self.study.tuning.model_dump(exclude={"warm_start"}, exclude_defaults=True)
            content |= {"tuning": tuning, "tuning_code": self._tuning_code("stop_at" in tuning)}
            # Which study it is called does not matter; which search it is does.
            content |= {"warm_start": warm} if (warm := self.warm_start(contestant)) else {}
        if self.tries(contestant):
            content["tuning_data"] = self.data_digest(TUNING_SEED)
        return digest(content | self._statistics(contestant))

    def tries(self, contestant: Contestant) -> bool:
        """Whether networks are trained with the tuning seed, to choose parameters or a kind of running statistics."""
        return contestant.tuned or self._either(contestant.entry)

    def _either(self, entry: MethodEntry) -> bool:
        return entry.statistics is None and self.registry.method(entry.method).disturbs

    def _statistics(self, contestant: Contestant) -> dict[str, Any]:
        """What a kind of running statistics follows from that is not as training left them; {} where none can be.

        Where nothing is searched one trial decides, if the network has such statistics: it is not built to see that.
        """
        entry = contestant.entry
        either = self._either(entry)
        if not either and entry.statistics != "clean":
            return {}
        content: dict[str, Any] = {"statistics_code": code_of(STATISTICS_CODE)}
        if either and not contestant.tuned:
            decisive = {"sigma_log", "realisations"}
            content["worth"] = self.study.tuning.model_dump(include=decisive, exclude_defaults=True)
            content["worth_code"] = self._tuning_code(stopping=False)
        return content

    def warm_start(self, contestant: Contestant) -> str:
        """Identity of the search that a contestant's own begins with the best of; "" where it begins cold."""
        if self.warm is None or not contestant.tuned:
            return ""
        other = counterpart(contestant, self.study, self.warm.study)
        return "" if other is None else self.warm.tune(other)

    def fit(self, contestant: Contestant, seed: int, tune: str) -> str:
        """Identity of a trained state."""
        code = self._training_code(contestant.entry.method)
        content = {"tune": tune, "seed": seed, "code": code, "data": self.data_digest(seed)}
        if contestant.entry.state is not None:
            content["state"] = file_hash(state_file(contestant.entry.state, contestant.workload, seed))
            content["state_code"] = code_of(EXTERNAL_CODE)
        return digest(content)

    def sweep(self, fit: FitUnit, block: Block) -> str:
        """Identity of the scores of one block: what they read, not where they lie, so that growth changes none."""
        first = block.conditions[0]
        return _chained(self.adapted(fit), self.crossbar(first.device, first.crossbar))

    def adapted(self, fit: FitUnit) -> str:
        """Identity of what is put on chips: the trained state, with all that fits it to each of them."""
        return fit.hash if fit.contestant.entry.adapt is None else _chained(fit.hash, self.adaptation(fit.contestant))

    def adaptation(self, contestant: Contestant) -> str:
        """Options and code of what fits a contestant's states to chips; "" where nothing does."""
        adapt = contestant.entry.adapt
        if adapt is None:
            return ""
        file = self.registry.entry("method", adapt.method).path
        code = [fingerprint(file), self._versions(file), code_of(ADAPT_CODE), code_of(ADAPTED_SWEEP_CODE)]
        return digest([adapt.model_dump(exclude_defaults=True), *code])

    def adapt(self, fit: FitUnit, condition: Condition, realisation: int) -> str:
        """Identity of a state that is fitted to one chip; the crossbar's label is but a name."""
        chip = replace(condition, crossbar="")
        code = self.crossbar(condition.device, condition.crossbar)
        return digest([self.adapted(fit), code, repr(chip), realisation])

    def observe(self, fit: FitUnit, place: Place) -> str:
        """Identity of an observation's arrays; the observation's own code is in the workload file."""
        code = self.crossbar(place.condition.device, place.condition.crossbar)
        return digest([self.adapted(fit), code, code_of(OBSERVE_CODE)])

    def crossbar(self, device: str, crossbar: str) -> str:
        """What a sweep reads beside the trained state: the crossbar's settings, the code of device and engine."""
        known = self._crossbars.get((device, crossbar))
        if known is None:
            files = [self.entry.path, self.registry.entry("device", device).path]
            settings = self.study.crossbars.get(crossbar, CrossbarSettings()).model_dump(exclude_defaults=True)
            content = [device, settings, fingerprint(*files), self._versions(*files), code_of(SWEEP_CODE)]
            known = self._crossbars[device, crossbar] = digest(content)
        return known

    def _tuning_code(self, stopping: bool) -> str:
        device = self.registry.entry("device", TUNING_DEVICE).path
        return digest([code_of(TUNING_CODE + (STOPPING_CODE if stopping else ())), fingerprint(device)])

    def _training_code(self, method: str) -> str:
        known = self._methods.get(method)
        if known is None:
            files = [self.entry.path, self.registry.entry("method", method).path]
            known = digest([fingerprint(*files), self._versions(*files), code_of(TRAINING_CODE)])
            self._methods[method] = known
        return known

    def _versions(self, *files: Path) -> dict[str, str]:
        return versions(files, self.entry.value.needs)

    @cached_property
    def _crossbars(self) -> dict[tuple[str, str], str]:
        return {}

    @cached_property
    def _digests(self) -> dict[int, str]:
        return {}

    @cached_property
    def _methods(self) -> dict[str, str]:
        return {}


def code_of(modules: tuple[str, ...]) -> str:
    """The code of modules of the house, with all that they import."""
    return fingerprint(*map(module_file, modules))


# The blocks of one training come one after the other and mostly share their hash.
@lru_cache(maxsize=256)
def _chained(fit: str, code: str) -> str:
    return hashlib.sha256(f"{fit} {code}".encode()).hexdigest()  # plans make a million of them
