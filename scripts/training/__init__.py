"""What a training needs beside the network: seeds, checkpoints, threshold, calibration, tracking."""
