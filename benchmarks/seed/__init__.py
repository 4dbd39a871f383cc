"""Databases with many returns, filled in bulk with exactly what the product writes."""
