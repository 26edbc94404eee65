"""Pictures of a verdict. They draw numbers that were computed elsewhere."""
