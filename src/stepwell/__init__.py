"""Stepwell: AWS Step Functions that anyone can run themselves."""

__version__ = "0.1.0"
