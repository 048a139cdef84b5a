"""Where an engine finds what is live: a folder, or the cluster."""
