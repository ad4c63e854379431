"""Entry point: argv -> cli; no logic."""

from tactful.cli import main

if __name__ == "__main__":
    main()
