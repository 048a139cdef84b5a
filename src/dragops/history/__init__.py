"""The run store: tables, the one writer, the reads, and the shapes in which engines report runs."""
