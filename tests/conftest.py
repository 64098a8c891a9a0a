from hypothesis import settings

# The same cases in every run, and no clock: a slow machine is no failure.
settings.register_profile("cleaner", deadline=None, derandomize=True)
settings.load_profile("cleaner")
