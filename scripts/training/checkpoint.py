"""The best network so far, remembered when a training is resumed."""

from __future__ import annotations

from typing import Any

from monai.handlers import CheckpointSaver


class BestCheckpointSaver(CheckpointSaver):
    """MONAI's ``CheckpointSaver`` of the best key metric, whose record can be saved and restored.

    Without the record, a resumed training would overwrite the best network with the first one that it validates.
    """

    def state_dict(self) -> dict[str, Any]:
        """Return the record of the best network as plain Python types, which ``weights_only`` loading allows."""
        record = self._key_metric_checkpoint.state_dict() if self._key_metric_checkpoint else {"_saved": []}
        return {"_saved": [(float(priority), str(name)) for priority, name in record["_saved"]]}
