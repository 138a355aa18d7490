"""`python -m gigafloor`."""

from gigafloor.cli import main

main()
