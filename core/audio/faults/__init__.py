"""Detectors, one fault each. Every one would rather miss a fault than cry wolf at a clean file."""
