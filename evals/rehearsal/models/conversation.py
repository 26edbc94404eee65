"""What a model says in its own words. It is about nothing, so that no guardrail has reason to act on it."""

from __future__ import annotations

SENTENCES = (
    "Start by writing down what you want to have at the end.",
    "Then sort the parts by how much they matter to you.",
    "A short draft today is worth more than a perfect one next month.",
    "It helps to look at one example before you begin.",
    "Take the smallest step first and see how it feels.",
    "If two options look equal, choose the one that is easier to undo.",
    "Keep the wording plain and the paragraphs short.",
    "Give each part a heading, so that readers find their way.",
    "Read it aloud once; what sounds odd can be rewritten.",
    "Set aside half an hour and leave the rest for tomorrow.",
    "Somebody who knows the subject will spot gaps quickly, so ask early.",
    "Note what you assumed along the way.",
    "When something is unclear, a simple sketch often settles it.",
    "Leave room for changes, since plans seldom survive the first week.",
    "Most of the work lies in deciding what to leave out.",
    "A checklist keeps the routine parts from being forgotten.",
    "Compare the result with what you set out to do.",
    "Small and regular beats large and rare.",
    "It depends a little on the setting, but the general idea holds.",
    "Both views have something to say for them.",
    "The background is longer than one answer can show, so this is only an outline.",
    "Think of it as three stages: prepare, try, and improve.",
    "The first attempt is mostly there to learn from.",
    "Once the outline stands, the details come easily.",
)
"""Harmless sentences that can follow one another in any order."""
