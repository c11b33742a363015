"""Sentences that outputs carry: research use only, simulated asymmetries, and where left is in a picture."""

from __future__ import annotations

RESEARCH_ONLY = "Research use only, not for clinical use."
SIMULATED = "The asymmetries are simulated; no diseased newborn was scanned for these figures."
RADIOLOGICAL = "Radiological convention: the patient's left is on the right."
