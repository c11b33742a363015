"""What inference returns and writes: scores, side, position, percentile, map and mask on the scan's own grid."""
