"""Whether an answer does what it should not, where no payload can be looked for.

The judge is never the guardrail that is being judged. `local` decides at once and for nothing; a third
model in the role `grader` decides better, where there is one. Both leave their word in the evidence, and
people settle what matters.
"""
