"""`python -m cleaner` is `cleaner`."""

from cleaner.cli.start import main

# A worker process imports this module again, under another name.
if __name__ == "__main__":
    main()
