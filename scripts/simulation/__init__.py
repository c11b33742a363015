"""Simulated asymmetries of known size, place and contrast, and the curriculum of their sizes."""
