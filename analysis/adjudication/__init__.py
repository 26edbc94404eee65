"""What people are asked about judged answers, how far they agree, and how good the judges were by their word.

Machines judge every answer; people settle those on which a verdict hangs: all pairs in which the arms were
judged differently, and a blind random sample of the others, by which the judges themselves are measured.
"""
