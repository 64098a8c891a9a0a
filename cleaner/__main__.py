"""`python -m cleaner` is `cleaner`."""

from cleaner.cli import main

# A worker process imports this module again, under another name.
if __name__ == "__main__":
    main()
