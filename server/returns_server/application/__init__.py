"""Use cases over the domain: one command a verb, the rules of who may do what, and what storage must offer."""
