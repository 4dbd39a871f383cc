"""`python -m returnsctl`."""

from returnsctl import main

if __name__ == "__main__":
    main()
