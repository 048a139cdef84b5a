"""The catalogue of nodes, one file a category; a node is a typed function with metadata."""
