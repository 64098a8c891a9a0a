"""The commands: arguments in, one call of the library, lines out.

The only room with click, and no logic lives here. `start` is where the program begins; for the hooks, which git
waits for, it goes past click, to `direct`.
"""
