"""What inference writes: scores, side, place, percentile, map and mask on the scan's own grid."""
