"""Simulated lesions of known size, position and contrast, and the curriculum of their sizes."""
