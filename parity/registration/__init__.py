"""What is settled before a run, and the record of every run that was begun."""
