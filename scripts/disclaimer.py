"""Sentences that every output carries: research use only, and simulated asymmetries."""

from __future__ import annotations

RESEARCH_ONLY = "Research use only, not for clinical use."
SIMULATED = "The asymmetries are simulated; no diseased newborn was scanned for these figures."
