"""The composition root: the one place that knows all the parts, and puts them together."""
