"""One module for each published result: ``make(work, **options)`` returns it, JSON-safe."""
