"""Example evidence maps for MLflow, which MONAI's handler does not log."""

from __future__ import annotations

from ignite.engine import Engine
from monai.handlers import MLFlowHandler

from .tracking import example_map


class MLflowMaps(MLFlowHandler):
    """MONAI's ``MLFlowHandler`` of an evaluator, which also logs an example map of every validation."""

    def epoch_completed(self, engine: Engine) -> None:
        """Log the metrics, and an example of the last batch: see :func:`scripts.training.tracking.example_map`."""
        super().epoch_completed(engine)
        if self.cur_run is not None:
            picture = (255 * example_map(engine.state.output)[0, 0]).byte().numpy()
            name = f"example_map_{engine.state.epoch:04d}.png"
            self.client.log_image(self.cur_run.info.run_id, picture, artifact_file=name)
