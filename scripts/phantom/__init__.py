"""Synthetic newborn heads, grown from a template, and a simulated scanner that images them."""
