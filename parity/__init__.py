"""The door: the command line, the only package that knows both wings."""
