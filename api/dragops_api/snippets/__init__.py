"""Programs that send a signed webhook: a readable text a scheme and language, and its filling."""
