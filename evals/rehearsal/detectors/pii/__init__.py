"""Personal data: one recogniser per form in which one of Bedrock's types is written."""
