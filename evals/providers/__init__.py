"""Inspect's model providers, one file each; `evals._registry` names them to Inspect.

The guardrail and the endpoint come with every call, in `GenerateConfig.extra_body["parity"]`, because
`--model-role` drops model arguments. What the service refuses is an output with an error in its record,
so that it costs a pair and not the run; what is wrong with the run itself is raised. Retries happen in
`evals.bedrock.retry` and nowhere else.
"""
