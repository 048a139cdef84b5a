"""The recorder: the only writer of the run store, in a process of its own."""
