"""What a Python program needs to call the Returns Service, beside the generated code in `commerce.returns.v1`."""

__version__ = "0.1.0"
