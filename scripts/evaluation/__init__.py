"""How well simulated asymmetries are detected: scores, measures with intervals, tables and figures."""
