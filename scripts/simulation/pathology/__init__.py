"""A library of one-sided newborn pathologies, drawn in 3-D into a head before it is split into hemispheres."""
