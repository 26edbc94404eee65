"""The evidence pack: what an auditor needs to see how a verdict came about, in one file, and its check."""
