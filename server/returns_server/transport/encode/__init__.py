"""From what is stored to what a caller sees: documents pass as they are unless something in them must be hidden."""
