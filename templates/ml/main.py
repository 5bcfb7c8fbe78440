"""Iris: a scikit-learn model, trained and asked from TypeScript.

Every function under @app.method can be called from there, typed by its annotations. A NumPy array is an `NdArray`
in TypeScript, a typed array with a shape; large ones are neither encoded nor copied on their way.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from synapse_worker import Module, current_context

app = Module()

# The data comes with scikit-learn: 150 flowers of three species, four lengths in cm each.
iris = load_iris()
train_flowers, test_flowers, train_species, test_species = train_test_split(
    iris.data, iris.target, test_size=0.4, stratify=iris.target, random_state=0
)
SPECIES = iris.target_names.tolist()

MODEL_FILE = Path(os.environ.get("MODEL_FILE") or Path(__file__).with_name("model.joblib"))
model: RandomForestClassifier | None = None
model_version = 0


@dataclass
class Samples:
    """Flowers that the model has not seen, and what they are."""

    flowers: NDArray[np.float64]  # [flower, length]
    species: list[str]


@dataclass
class Prediction:
    """What each flower is taken for, and how sure that is."""

    species: list[str]
    probabilities: NDArray[np.float64]  # [flower, species], the species in the order of `species()`


@app.error
class NotTrainedError(Exception):
    """There is no model yet: call `train` first."""

    def __str__(self) -> str:
        return "there is no model yet: call train first"


@app.error
@dataclass
class WrongShapeError(Exception):
    """Annotations say what an array is made of, not its shape: that is for the function to check."""

    shape: list[int]

    def __str__(self) -> str:
        return f"expected four lengths a flower, [n, 4], got an array of shape {self.shape}"


@app.setup
def load() -> None:
    """Load the model once in each worker, before its first call.

    What takes gigabytes goes under @app.preload instead: loaded once, and shared by all workers.
    """
    with suppress(NotTrainedError):
        current_model()


def current_model() -> RandomForestClassifier:
    """Return the model in the file; one that another worker has trained since is read then."""
    global model, model_version
    try:
        version = MODEL_FILE.stat().st_mtime_ns
    except FileNotFoundError:
        raise NotTrainedError from None
    if model is None or version != model_version:
        # A pickle can run any code: load none that comes from elsewhere.
        model, model_version = joblib.load(MODEL_FILE), version
    return model


@app.method
def train(trees: int = 60, *, step: int = 10) -> float:
    """Train a forest, report each step as progress, keep it, and return its accuracy on the flowers held out."""
    forest = RandomForestClassifier(warm_start=True, random_state=0)
    accuracy = 0.0
    for grown in range(step, trees + step, step):
        forest.set_params(n_estimators=min(grown, trees)).fit(train_flowers, train_species)
        accuracy = float(forest.score(test_flowers, test_species))
        current_context().progress({"trees": min(grown, trees), "of": trees, "accuracy": accuracy})
    # Written beside and renamed, so that no worker ever reads half a model.
    fresh = MODEL_FILE.with_suffix(f".{os.getpid()}")
    joblib.dump(forest, fresh)
    fresh.replace(MODEL_FILE)
    return accuracy


@app.method
def predict(flowers: NDArray[np.float64]) -> Prediction:
    """Tell the species of many flowers at once: one call for a thousand costs little more than one for one.

    Args:
        flowers: Four lengths a flower, of the shape [n, 4].

    Raises:
        WrongShapeError: The array has another shape.
        NotTrainedError: There is no model yet.
    """
    if flowers.shape[1:] != (4,):
        raise WrongShapeError(list(flowers.shape))
    probabilities = current_model().predict_proba(flowers)
    return Prediction([SPECIES[best] for best in probabilities.argmax(axis=1)], probabilities)


@app.method
def species() -> list[str]:
    """Name the species, in the order of the probabilities."""
    return SPECIES


@app.method
def held_out() -> Samples:
    """Return the flowers that the model was not trained with."""
    return Samples(test_flowers, [SPECIES[kind] for kind in test_species])
