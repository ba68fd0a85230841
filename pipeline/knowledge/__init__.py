"""What we know of the world and of languages, read from the YAML files beside this one.

    involvements.yaml       the fifteen types
    conflicts.yaml          wars since 1990 and their parties
    background.yaml         involvements that everyone knows
    publishers.yaml         families of outlets; wires.yaml: agencies and how they are credited
    gazetteer/*.yaml        countries, demonyms, metonyms and places (short form, see compact.py);
                            bodies, groups, companies, leaders, missions, weapons (lists of entries);
                            matching.yaml: how names sit in running text
    weights.yaml            what claims are weighed by, learned from labelled articles
    languages/CODE.yaml     the words of one language that say who does what to whom
    measures/CODE.yaml      its words for numbers, units, money, dates and embargoes

`load()` refuses what is wrong, naming the file and the entry.
"""

from pipeline.knowledge.reader import HERE, load
from pipeline.knowledge.schema import (
    Conflict,
    Entry,
    Fact,
    Involvement,
    Knowledge,
    Matching,
    Name,
    Party,
    Prefixes,
    Sheet,
    Weights,
)

__all__ = [
    "HERE",
    "Conflict",
    "Entry",
    "Fact",
    "Involvement",
    "Knowledge",
    "Matching",
    "Name",
    "Party",
    "Prefixes",
    "Sheet",
    "Weights",
    "load",
]
