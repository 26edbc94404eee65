"""What goes wrong on purpose at the service, how slow it is and how its models are guarded, from a file."""
