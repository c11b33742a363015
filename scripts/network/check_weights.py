"""Refuse weights of another network by name, before anything is computed with them."""

from __future__ import annotations

import sys
from typing import Any

from monai.config import KeysCollection
from monai.transforms import MapTransform

from .weights import Weights

UNPROCESSABLE = 422
"""HTTP status: what was asked for can't be used."""


class CheckWeightsd(MapTransform):
    """Let data pass if the weights belong to one of the networks.

    Hosts let a user name a file of the folder ``models``. A web server that runs transforms, such as MONAI Label,
    answers with the reason; by itself it would say no more than "Internal Server Error".

    Args:
        keys: of the image that the network will get; it is not looked at.
        weights: the file. A missing one passes: an exported network does not need it.
    """

    def __init__(self, keys: KeysCollection, weights: Weights) -> None:
        super().__init__(keys)
        self.weights = weights

    def __call__(self, data: Any) -> Any:
        """Return the data as they are.

        Raises:
            ValueError: if the file holds something else; within a web server, its exception with the same text.
        """
        try:
            self.weights.comparison_on(self.weights.backbone)
        except ValueError as error:
            if "fastapi" not in sys.modules:
                raise
            raise sys.modules["fastapi"].HTTPException(UNPROCESSABLE, str(error)) from error
        return data
