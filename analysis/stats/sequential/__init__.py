"""Watching the same metrics night after night without crying wolf.

A level of 5 % a night is a false alarm by the end of the first month. Three instruments instead:

- `budget`: the acute alarm, at a level such that a whole year has a 5 % chance of a false one;
- `detector`: the slow drift, by betting against "not worse" every night and forgetting the good past;
- `betting`: an interval that holds on all nights at once.

All three need both arms asked anew each night. Tonight against a frozen baseline is another question
with another answer, `baseline`, and the types in `nights` keep the two apart.
"""
