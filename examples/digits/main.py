"""Learns to read handwritten digits, and reads them.

A Synapse module: every decorated function can be called from Node, and stays a plain function that a test can call.
The images are scikit-learn's own: 1797 scans of 8x8 pixels, each pixel a darkness from 0 to 16.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from synapse_worker import Module, current_context

app = Module()

SIDE = 8
DARKEST = 16.0

digits = load_digits()
train_images, test_images, train_labels, test_labels = train_test_split(
    digits.data / DARKEST, digits.target, test_size=0.25, stratify=digits.target, random_state=0
)
model: MLPClassifier | None = None


@dataclass
class Dataset:
    """What there is to learn from, and with what."""

    library: str
    images: int
    training: int
    held_out: int


@dataclass
class Epoch:
    """One pass over the training images; `accuracy` is that on the images held out."""

    epoch: int
    epochs: int
    accuracy: float


@dataclass
class Samples:
    """Some scans, and what a person read in each."""

    images: NDArray[np.float64]  # [image, row, column], 0 is paper and 16 is ink
    labels: list[int]


@dataclass
class Prediction:
    """What the model reads in an image; `confidence` lies between 0 and 1."""

    digit: int
    confidence: float


@dataclass
class ClassResult:
    """How one digit fares among the images held out; `taken_for` is its most frequent mistake."""

    digit: int
    images: int
    precision: float
    recall: float
    taken_for: int | None


@app.error
@dataclass
class UnreadableImageError(Exception):
    """The array is not one of images: its shape is not [any number, 8, 8]."""

    shape: list[int]

    def __str__(self) -> str:
        return (
            f"expected images of {SIDE} rows by {SIDE} columns, got an array of shape {self.shape}"
        )


@app.method
def dataset() -> Dataset:
    """Say what there is to learn from."""
    return Dataset(
        f"scikit-learn {sklearn.__version__}", len(digits.data), len(train_images), len(test_images)
    )


@app.method
def train(epochs: int = 40, *, hidden: int = 64) -> float:
    """Train a small neural network, report every epoch as progress, and return its accuracy on the images held out."""
    global model
    learner = MLPClassifier(hidden_layer_sizes=(hidden,), batch_size=32, random_state=0)
    context = current_context()
    accuracy = 0.0
    for epoch in range(1, epochs + 1):
        learner.partial_fit(train_images, train_labels, classes=range(10))
        accuracy = float(learner.score(test_images, test_labels))
        context.progress(Epoch(epoch, epochs, accuracy))
    model = learner
    return accuracy


@app.method
def samples(count: int, *, seed: int = 0) -> Samples:
    """Draw that many of the images held out, with what a person read in them."""
    chosen = np.random.default_rng(seed).choice(len(test_images), size=count, replace=False)
    return Samples(
        (test_images[chosen] * DARKEST).reshape(-1, SIDE, SIDE), test_labels[chosen].tolist()
    )


@app.method
def predict(images: NDArray[np.float64]) -> list[Prediction]:
    """Read each image.

    Args:
        images: One or more, of the shape [image, row, column]; 0 is paper and 16 is ink.

    Raises:
        UnreadableImageError: The array has another shape.
    """
    if images.shape[1:] != (SIDE, SIDE):
        raise UnreadableImageError(list(images.shape))
    certainty = trained_model().predict_proba(images.reshape(-1, SIDE * SIDE) / DARKEST)
    return [Prediction(int(row.argmax()), float(row.max())) for row in certainty]


@app.method
def evaluate() -> Iterator[ClassResult]:
    """Stream the result of each digit, from 0 to 9, over the images held out."""
    confusion = confusion_matrix(test_labels, trained_model().predict(test_images))
    for digit, row in enumerate(confusion):
        right = int(row[digit])
        mistakes = np.where(np.arange(10) == digit, 0, row)
        yield ClassResult(
            digit=digit,
            images=int(row.sum()),
            precision=right / max(1, int(confusion[:, digit].sum())),
            recall=right / int(row.sum()),
            taken_for=int(mistakes.argmax()) if mistakes.any() else None,
        )


def trained_model() -> MLPClassifier:
    """Return the model that `train` left behind."""
    if model is None:
        raise RuntimeError("there is no model yet: call train first")
    return model
