"""The Siamese network: its backbones and comparisons, its loss, its scores, and its file of weights."""
