"""What the nights left behind, in tables that outlive their logs.

`entries` makes a night's rows from its logs and verdict, `store` keeps them in a database, `segments`
says which nights may be joined, `alarms` what to wake somebody for. Counts, digests and case ids are
kept, never a text.
"""
