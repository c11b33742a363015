"""Synthetic newborn heads."""
