"""Decorated functions stay plain functions: they are tested without Node or a worker.

Only what speaks to the caller needs one: `ModuleTest` calls it as TypeScript would, in this process.
"""

from pathlib import Path

import main
import numpy as np
import pytest
from synapse_worker.testing import ModuleTest


@pytest.fixture(autouse=True)
def model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep each test away from the model that is in use."""
    monkeypatch.setattr(main, "MODEL_FILE", tmp_path / "model.joblib")
    monkeypatch.setattr(main, "model", None)
    return main.MODEL_FILE


def test_training_reports_each_step_and_keeps_a_good_model(model_file: Path) -> None:
    with ModuleTest(main.app) as module:
        accuracy = module.call("train", 25, step=10)
        assert [step["trees"] for step in module.progress] == [10, 20, 25]
    assert accuracy > 0.9
    assert model_file.exists()


def test_a_batch_is_predicted_row_by_row() -> None:
    with ModuleTest(main.app) as module:
        module.call("train", 10)
    prediction = main.predict(main.test_flowers)
    assert prediction.probabilities.shape == (60, 3)
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1)
    right = sum(map(str.__eq__, prediction.species, main.held_out().species))
    assert right > 54


def test_a_model_that_another_worker_trained_is_read(model_file: Path) -> None:
    with ModuleTest(main.app) as module:
        module.call("train", 10)
        first = main.current_model()
        module.call("train", 20)
    assert main.current_model() is not first
    assert main.current_model() is main.current_model()


def test_nothing_is_predicted_without_a_model() -> None:
    with pytest.raises(main.NotTrainedError):
        main.predict(np.zeros((1, 4)))


def test_an_array_of_another_shape_is_refused() -> None:
    with pytest.raises(main.WrongShapeError, match=r"\[2, 3\]"):
        main.predict(np.zeros((2, 3)))
