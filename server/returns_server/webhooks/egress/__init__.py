"""The way out: where messages may go, and the one HTTP client, which goes nowhere else."""
