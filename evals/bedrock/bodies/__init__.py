"""What InvokeModel carries: each family of models has a language of its own.

`claude` is the Messages API, `chat` are OpenAI's chat completions. Each file writes a body from a
`Question`, reads an answer into Converse's shape, and joins the pieces of a stream to a whole answer.
"""
