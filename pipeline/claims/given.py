"""What is given to whom, by the look of a verb's objects."""

from pipeline.claims.phrases import stops
from pipeline.claims.units import GEAR, GIVEN, Unit


def is_arms(thing: Unit) -> bool:
    return thing.entity is None and (thing.has("thing", "weapon") or thing.has("thing", "materiel"))


def is_gear(thing: Unit) -> bool:
    return any(thing.has("thing", kind) for kind in GEAR)


def is_gift(units: list[Unit], thing: Unit) -> bool:
    """Say whether a noun right behind tells that a thing is given: "ranpur Bushmaster sumbangan Canberra"."""
    return any(u.has("deed", "transfer") for u in units[thing.at + 1 : thing.at + 3])


def is_supplied(units: list[Unit], i: int, people: Unit) -> bool:
    """Say whether people that a verb of giving takes as its object are those who get something."""
    return people.entity is not None and is_people(people) and units[i].has("act", "transfer")


THINGS = (*GIVEN, "trainer")


def is_furnished(units: list[Unit], i: int, people: Unit, j: int) -> bool:
    """Say whether people get what "with" at `j` leads: "provided the marshal's army with howitzers"."""
    if not (units[i].has("furnishing") and units[j].has("rel", "with") and is_people(people)):
        return False
    near = units[j + 1 : j + 9]
    end = next((n for n, u in enumerate(near) if stops(u) or (u.verb and u.has("act"))), len(near))
    return any(u.has("thing", kind) for u in near[:end] for kind in THINGS)


def is_receiver(units: list[Unit], a: int, b: int) -> bool:
    """Say whether the people at `a` are given the thing at `b`: "given Myanmar's army fighter jets"."""
    people = units[a].has("role") and is_people(units[a])
    return (
        people
        and not units[b].has("role", "side")
        and all(
            not (u.punct or u.has("rel") or u.has("conj") or u.verb or u.entity) for u in units[a + 1 : b]
        )
    )


def is_people(thing: Unit) -> bool:
    return any(thing.has("thing", kind) for kind in ("troops", "fighter", "mercenary", "people"))


def is_supply(units: list[Unit], i: int) -> bool:
    """Say whether somebody is equipped with what kills nobody: "ravitaille en carburant l'armée"."""
    near = units[i + 1 : i + 14]
    end = next((n for n, u in enumerate(near) if stops(u) or (u.verb and u.has("act"))), len(near))
    given = [u for u in near[:end] if u.has("thing", "weapon") or u.has("thing", "materiel")]
    return bool(given) and all(u.has("thing", "materiel") for u in given)


def admits(units: list[Unit], i: int) -> bool:
    """Say whether something done is recognised, and so nobody: "admits that its soldiers fight"."""
    for one in units[i + 1 : i + 10]:
        if one.verb and one.has("act"):
            return True
        if one.has("deed") and units[one.at - 1].has("det"):
            return True  # "a reconnu l'envoi de conseillers"
        if one.entity is not None and one.entity.kind in ("group", "leader", "company"):
            return any(u.verb and u.has("act") for u in units[one.at + 1 : i + 9])
    return False


def _sent_to_teach(units: list[Unit], at: int) -> bool:
    """Say whether what follows the soldiers at `at` is that they train others: "militares que formarán a"."""
    led = False
    for one in units[at + 1 : at + 9]:
        if one.verb:
            return led and one.has("act", "train")
        if one.punct or one.has("conj"):
            return False
        relative = any(one.has("bound", kind) for kind in ("relative", "either", "complement"))
        led = relative or one.has("rel", "for") or (led and not one.has("rel"))
    return False


def are_teaching(units: list[Unit], *places: int) -> bool:
    """Say whether soldiers are somewhere as instructors: "des militaires y servent comme instructeurs"."""
    if places and _sent_to_teach(units, places[-1]):
        return True
    for at in places:
        near = units[at + 1 : at + 4]
        n = next((n for n, u in enumerate(near) if u.has("thing", "trainer")), 0)
        if n and near[n - 1].has("capacity") and all(u.of_kind("demonym") for u in near[: n - 1]):
            return True
    return False
