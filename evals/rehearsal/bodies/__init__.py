"""The models' own formats of requests and answers, turned into Converse's and back."""
