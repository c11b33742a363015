"""For the makers of the bundle: benchmarks, studies, comparisons, and the figures of the documentation."""
