"""`python -m returns_server` is `returns-server`."""

from returns_server.cli import main

main()
