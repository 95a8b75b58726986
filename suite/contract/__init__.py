"""What a plug-in file provides: a workload, a training method or a device is one file that imports only this room, and
`suite.data` where it loads a source.

Heavy libraries are imported inside the functions that need them, so that listing plug-ins stays instant.
"""

from suite.contract.cells import Device as Device
from suite.contract.cells import Programmed as Programmed
from suite.contract.cells import ProgrammedWeights as ProgrammedWeights
from suite.contract.chip import Chip as Chip
from suite.contract.conditions import Condition as Condition
from suite.contract.data import Scale as Scale
from suite.contract.data import Splits as Splits
from suite.contract.digests import digest as digest
from suite.contract.errors import DataCorrupt as DataCorrupt
from suite.contract.errors import DataMissing as DataMissing
from suite.contract.errors import NotApplicable as NotApplicable
from suite.contract.errors import SuiteError as SuiteError
from suite.contract.levels import SIGMA as SIGMA
from suite.contract.levels import Level as Level
from suite.contract.lines import pulse_energy as pulse_energy
from suite.contract.lines import sensed_lines as sensed_lines
from suite.contract.matrices import default_arrays as default_arrays
from suite.contract.method import Method as Method
from suite.contract.method import Range as Range
from suite.contract.method import no_noise as no_noise
from suite.contract.method import no_space as no_space
from suite.contract.noise import MOST_DIMENSIONS as MOST_DIMENSIONS
from suite.contract.noise import Handle as Handle
from suite.contract.noise import disturb_arrays as disturb_arrays
from suite.contract.noise import disturb_output as disturb_output
from suite.contract.noise import grouped as grouped
from suite.contract.noise import multinomial as multinomial
from suite.contract.noise import noise_points as noise_points
from suite.contract.noise import redraw as redraw
from suite.contract.observations import Observation as Observation
from suite.contract.observations import Observed as Observed
from suite.contract.observations import array_energies as array_energies
from suite.contract.observations import confusion as confusion
from suite.contract.relaxation import relaxing as relaxing
from suite.contract.seeds import numpy_generator as numpy_generator
from suite.contract.seeds import seeded as seeded
from suite.contract.seeds import torch_generator as torch_generator
from suite.contract.workload import Recipe as Recipe
from suite.contract.workload import Score as Score
from suite.contract.workload import Settings as Settings
from suite.contract.workload import Workload as Workload
from suite.contract.workload import accuracy as accuracy
from suite.contract.workload import cross_entropy as cross_entropy
from suite.contract.workload import default_step as default_step
from suite.contract.workload import nothing_frozen as nothing_frozen
