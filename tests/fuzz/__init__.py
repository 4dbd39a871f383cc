"""Coverage-guided fuzzing of what callers send: what each target must hold, a small corpus, and a program for it."""
