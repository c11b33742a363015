"""What every output says about itself."""

from __future__ import annotations

RESEARCH_ONLY = "Research use only, not for clinical use."
SIMULATED = "The asymmetries are simulated; no diseased newborn was scanned for these figures."
