"""How the learned skull strip is trained: label maps, random images of them, coarse to fine."""
