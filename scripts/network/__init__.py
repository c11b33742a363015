"""The Siamese network, its backbones, its loss and scores."""
