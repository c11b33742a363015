"""How well simulated asymmetries are seen: scores by slice, summary by size, figures."""
