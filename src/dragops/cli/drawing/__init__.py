"""Pictures: ``scene`` says what is drawn, ``layout`` where; ``svg`` or ``mermaid`` draws it."""
