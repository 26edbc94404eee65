"""A Bedrock to rehearse with: a local service that unmodified boto3 clients talk to."""
