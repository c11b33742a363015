"""The published results: the graph, the pages, and what is kept between runs."""
