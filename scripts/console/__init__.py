"""What a user sees on the console: lines and bars, errors of one line, and settings checked before the work."""
