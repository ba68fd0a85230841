"""Subjects: the phrases that do what an act tells, in the word order of the language."""

from pipeline.claims.objects import behind_relative, things_right
from pipeline.claims.phrases import apart, hangs, is_agent, joined_left, listed_after, phrase, stops
from pipeline.claims.scene import Scene
from pipeline.claims.units import Unit


def subjects_left(units: list[Unit], i: int) -> list[Unit]:
    """Return the noun phrases in subject position of the act at `i`, joined ones together."""
    relative = False
    skip = len(units)
    bare = True  # nothing yet that could be a subject
    outer, told = False, None
    for j in range(behind_relative(units, i) - 1, -1, -1):
        one = units[j]
        if j >= skip or apart(one, units[i]):
            continue
        if one.verb and one.has("act") and one.finite and (opener := _opener(units, j)) is not None:
            skip = opener  # "the missiles that Britain handed over hit"
            continue
        if one.low == ";":
            return []
        if one.has("bound", "contrast") or one.has("bound", "time"):
            if not bare:
                return []
            outer = True  # "after sending": the subject is the outer one, before the outer verb
            continue
        if one.has("bound", "relative"):
            relative = True
            continue
        np = phrase(one)
        if outer:
            outer = not (one.verb and (one.has("act") or one.has("voice")))
            if not outer and one.has("voice") and told is not None:
                return [told]  # "accused X of … for arming"
            told = np or told
            continue
        if np is None:
            bare = bare and (one.verb or bool(one.tags) or one.punct)
            continue
        bare = False
        if is_agent(units, np.at):
            continue
        if relative and np.where and hangs(units, np.at) and _headed(units, j):
            continue  # "the aircraft over Iraq, which have been hitting"
        if relative or not hangs(units, np.at) or is_asked(units, np.at, i):
            return [np, *joined_left(units, min(np.at, j))]
    return []


def is_asked(units: list[Unit], k: int, i: int) -> bool:
    """Say whether the phrase at `k` is asked or accused: "demande à Berlin de livrer", "acusa a Rusia de"."""
    between = units[k + 1 : i]
    if not between or not any(u.has("rel") or u.has("bound", "complement") for u in between):
        return False
    if any(u.punct or (u.verb and u.has("act")) for u in between):
        return False
    governing = units[max(0, k - 4) : k]
    return any(u.has("mod", "requested") or u.has("voice", "urge") for u in governing) or any(
        u.verb and u.has("voice", "accuse") for u in governing
    )


def _headed(units: list[Unit], j: int) -> bool:
    """Say whether the place at `j` only tells where the thing before it is."""
    before = units[max(0, j - 4) : j]
    return any(u.has("rel", "in") for u in before) and any(u.has("thing") or u.has("role") for u in before)


def _opener(units: list[Unit], j: int) -> int | None:
    """Return where the relative clause begins whose verb stands at `j` and has no object, None for none."""
    if j + 1 < len(units) and things_right(units, j):
        return None
    for k in range(j - 1, max(0, j - 8), -1):
        if units[k].low == "," or units[k].verb:
            return None
        if units[k].has("bound", "relative") or units[k].has("bound", "complement"):
            return k if units[k - 1].has("thing") else None
    return None


def subjects_of(units: list[Unit], i: int, scene: Scene) -> list[Unit]:
    """Return the subjects where the language puts them: behind the verb first, where the verb comes first."""
    if units[i].voice() == "doer" and (doers := subjects_behind(units, i)):
        return doers
    if scene.order == "free":
        return subjects_left(units, i) or subjects_behind(units, i)
    if scene.order != "vso":
        return subjects_left(units, i)
    direct = units[i - 1] if i else None
    if direct is not None and phrase(direct) is not None and not hangs(units, i - 1):
        return subjects_left(units, i)
    return subjects_behind(units, i) or subjects_left(units, i)


def subjects_behind(units: list[Unit], i: int) -> list[Unit]:
    """Return the subjects that stand behind their verb."""
    for j in range(i + 1, min(len(units), i + 6)):
        one = units[j]
        if one.has("rel") or stops(one) or one.verb:
            break
        np = phrase(one)
        if np is not None and np.case in ("", "of") and not one.has("pron"):
            return listed_after(units, j - 1)
    return []
