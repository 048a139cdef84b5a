"""The commands, one file a group; each asks the API and shows what it said."""
