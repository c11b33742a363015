"""Training of the learned skull strip: label maps, and random images made from them."""
