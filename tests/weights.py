"""Learn what claims are weighed by, from the labelled articles: `make weights`.

The weights of lands (`sited`), those of speakers (`credence`) and the first step of likelihood, the weights
of marks, are learned from every blind set that has been scored. The second step, the trees, sees what the
frames made of an article, and so only learns from sets that the rules were not worked on with: the weights
of the first step that it sees were learned without the set in question. A table shows what each of these
sets scores by the frames alone, and weighed by what was learned from all other sets.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.claims import extraction, likelihood
from pipeline.claims.pairings import pairings
from pipeline.claims.reading import vocabulary_of
from pipeline.knowledge import HERE, Weights
from pipeline.types import InvolvementType
from tests import credence, evaluation, sited
from tests.gold import score

UNSEEN = (  # the rules that bind claims were not worked on with these
    "en-8", "id-7", "fr-4", "es-4", "ru-4", "tr-4", "ar-4", "en-9", "id-8", "fr-5", "es-5", "ru-5", "tr-5",
    "ar-5", "en-10", "id-9", "fr-6", "es-6", "ru-6", "tr-6", "ar-6",
    "en-11", "id-10", "fr-7", "es-7", "ru-7", "tr-7", "ar-7",
    "en-12", "id-11", "fr-8", "es-8", "ru-8", "tr-8", "ar-8", "en-13", "id-12",
    "fr-9", "es-9", "ru-9", "tr-9", "ar-9", "en-14", "id-13",
    "en-15", "ru-10", "id-14", "ar-10", "tr-10",
    "en-16", "id-15", "fr-10", "es-10", "ru-11", "tr-11", "ar-11",
    "en-17", "en-18", "en-19", "id-16", "id-17", "ru-12", "ru-13", "ar-13", "es-11",
    "fr-11", "tr-12", "fr-12", "id-18", "tr-13", "es-12",
    "en-20", "en-21", "ru-14", "ru-15", "fr-13", "tr-14", "id-19", "ar-12",
)  # fmt: skip
FOLDS = 6  # of sets, for what must not be learned from the set it is seen on
LEAST_SEEN = 5  # a mark of fewer pairings is not weighed
TOO_LIGHT = 0.015  # a weight that is not written
ROUNDS = 3  # of choosing which pairing tells a labelled claim
SEED = 7
LEAST = 0.34  # likelihood from which a claim of the frames stays one
FRESH = 0.5  # and from which a pair that they did not bind is a claim: half of those less likely are false


TYPES = get_args(InvolvementType)
Marks = NDArray[np.int32]  # numbers of marks
Logits = NDArray[np.float64]


@dataclass(slots=True)
class Row:
    """A pair of principal and type in an article, with what it is judged by and whether it is labelled."""

    pair: likelihood.Pair
    marks: list[Marks]  # of each of its pairings
    named: bool  # labelled, wherever it is placed
    right: bool  # labelled, in its theatre
    open: bool  # may be found or not
    weights: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Told:
    """An article: its labels, its rows, and what the traits of its pairs are made of."""

    label: Mapping[str, Any]
    found: extraction.Read | None  # None where its language is not read
    rows: list[Row] = field(default_factory=list)
    choices: list[sited.Choice] = field(default_factory=list)
    vouched: list[credence.Vouched] = field(default_factory=list)
    told: likelihood.Told | None = None
    scene: Any = None


def read(name: str) -> list[Told]:
    """Return the articles of a blind set as they are learned from."""
    out = []
    know = evaluation.knowledge()
    labelled = evaluation.read(evaluation.HERE / "blind" / f"{name}.yaml")
    for raw, label in zip(score.raw(labelled), labelled, strict=True):
        article = evaluation.through(raw)
        vocabulary = vocabulary_of(know, article.language.code if article.language else "und")
        found = extraction.bound(article, know, vocabulary) if vocabulary is not None else None
        out.append(Told(label, found, choices=sited.choices(found, label) if found is not None else []))
    return out


def place(articles: Iterable[Told], weights: Mapping[str, float]) -> None:
    """Put the claims of articles where they belong by some weights of lands, and make the rows."""
    for one in articles:
        if one.found is not None:
            extraction.place_again(one.found, weights)
            one.vouched = credence.vouched(one.found, one.label)
            _make_rows(one, one.found)


def _make_rows(article: Told, found: extraction.Read) -> None:
    label = article.label
    size = len(found.sentences)
    paired = [one for n, s in enumerate(found.sentences) for one in pairings(s, n, size, found.scene)]
    pairs = likelihood.pairs_of(((one, 0.0) for one in paired), found.candidates, found.kept, found.scene)
    marks: dict[tuple[str, str], list[Marks]] = defaultdict(list)
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    hands = [(one.hand, one.cue.type) for one in paired]
    hands += [(one.hand, one.type) for one in found.candidates if one.hand is not None]
    for hand, type_ in hands:
        names[hand.principal, type_] |= {hand.principal.lower(), (hand.executor or hand.principal).lower()}
    for one in paired:
        marks[one.hand.principal, one.cue.type].append(NUMBERS(one.marks | one.told | one.around))
    for pair in pairs:
        key = pair.hand.principal, pair.type
        right = _fits(pair, names[key], label["claims"], placed=True)
        named = _fits(pair, names[key], label["claims"], placed=False)
        open_ = _fits(pair, names[key], label.get("optional") or [], placed=True)
        article.rows.append(Row(pair, marks[key], named, right, open_))
    article.told, article.scene = likelihood.told_of(found.sentences, found.scene), found.scene


def _fits(pair: likelihood.Pair, names: set[str], labels: Iterable[Any], placed: bool) -> bool:
    return any(
        score.accepted(each[0]) & names
        and pair.type in score.accepted(each[1])
        and (not placed or pair.theatre.lower() in score.accepted(each[2]))
        for each in labels
    )


class Numbers:
    """A number for each mark, in the order they are met."""

    def __init__(self) -> None:
        """Begin with none."""
        self.of: dict[str, int] = {}

    def __call__(self, marks: Iterable[str]) -> Marks:
        numbers = [self.of.setdefault(mark, len(self.of)) for mark in sorted(marks)]
        return np.array(numbers, dtype=np.int32)


NUMBERS = Numbers()


@dataclass
class First:
    """The first step: logits of marks; row 0 is what each weighs in itself, the others what in each type."""

    bias: float
    logits: Logits

    def weigh(self, articles: Iterable[Told]) -> None:
        """Write the weights of pairings into the rows."""
        for article in articles:
            for row in article.rows:
                both = self.logits[0] + self.logits[1 + TYPES.index(row.pair.type)]
                row.weights = sorted((self.bias + float(both[ids].sum()) for ids in row.marks), reverse=True)

    def named(self, row: int) -> dict[str, float]:
        """Return the weights of one row by mark, those that weigh nothing left out."""
        if row >= len(self.logits):
            return {}
        found = ((mark, float(self.logits[row, n])) for mark, n in NUMBERS.of.items())
        return {mark: round(weight, 2) for mark, weight in sorted(found) if abs(weight) >= TOO_LIGHT}


NOTHING = First(0.0, np.zeros((0, 0)))


def first_step(articles: Iterable[Told]) -> First:
    """Learn the weights of marks; of the pairings of a labelled claim only the best is held to tell it."""
    rows = [row for one in articles for row in one.rows if row.marks and (row.named or not row.open)]
    owner = np.array([n for n, row in enumerate(rows) for _ in row.marks])
    named = np.array([row.named for row in rows for _ in row.marks])
    matrix = _matrix(rows)
    kept = np.flatnonzero(np.asarray((matrix != 0).sum(axis=0)).ravel() >= LEAST_SEEN)
    matrix = matrix[:, kept]
    chosen = np.ones(len(owner), dtype=bool)
    for _ in range(ROUNDS):
        model = LogisticRegression(C=0.1, max_iter=400)
        model.fit(matrix[chosen], named[chosen])
        logits = model.decision_function(matrix)
        best: dict[int, int] = {}
        for i in np.flatnonzero(named):
            if owner[i] not in best or logits[i] > logits[best[owner[i]]]:
                best[owner[i]] = i
        chosen = ~named
        chosen[list(best.values())] = True
    learned = np.zeros((1 + len(TYPES)) * len(NUMBERS.of))
    learned[kept] = model.coef_[0]
    learned[np.abs(learned) < TOO_LIGHT] = 0.0
    return First(round(float(model.intercept_[0]), 2), learned.reshape(1 + len(TYPES), -1))


def _matrix(rows: Sequence[Row]) -> csr_matrix:
    """Return a line for each pairing: its marks, and again in the columns of its type."""
    size = len(NUMBERS.of)
    parts, ends = [], [0]
    for row in rows:
        shift = size * (1 + TYPES.index(row.pair.type))
        for ids in row.marks:
            parts += [ids, ids + shift]
            ends.append(ends[-1] + 2 * len(ids))
    columns = np.concatenate(parts)
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, np.array(ends)), shape=(len(ends) - 1, size * (1 + len(TYPES))))


def traits(articles: Iterable[Told]) -> list[tuple[Row, likelihood.Traits]]:
    """Return the rows with the traits of their pairs, after the first step has weighed them."""
    out: list[tuple[Row, likelihood.Traits]] = []
    for one in articles:
        if one.told is None:
            continue
        for row in one.rows:
            row.pair.weights = row.weights
        found = likelihood.traits_of([row.pair for row in one.rows], one.told, one.scene)
        out += zip(one.rows, found, strict=True)
    return out


def second_step(examples: list[tuple[Row, likelihood.Traits]]) -> tuple[float, list[list[Any]]]:
    """Learn the trees; return their base and the trees."""
    told = [(row.right, found) for row, found in examples if row.right or not row.open]
    vectorizer = DictVectorizer(sparse=False)
    matrix = vectorizer.fit_transform([found for _, found in told])
    model = GradientBoostingClassifier(
        n_estimators=150, learning_rate=0.06, max_leaf_nodes=8, max_depth=5, min_samples_leaf=15,
        max_features=0.3, subsample=0.7, random_state=SEED,
    )  # fmt: skip
    wanted = np.array([right for right, _ in told])
    model.fit(matrix, wanted)
    names = [str(name) for name in vectorizer.get_feature_names_out()]
    share = wanted.mean()
    trees = [_nodes(tree[0].tree_, names, model.learning_rate) for tree in model.estimators_]
    return round(float(np.log(share / (1 - share))), 4), trees


def _nodes(tree: Any, names: list[str], rate: float) -> list[Any]:
    nodes: list[Any] = []
    for n in range(tree.node_count):
        left, right = int(tree.children_left[n]), int(tree.children_right[n])
        if left < 0:
            nodes.append(round(float(tree.value[n][0][0]) * rate, 4))
        else:
            nodes.append([names[tree.feature[n]], round(float(tree.threshold[n]), 3), left, right])
    return nodes


def weights_of(
    first: First,
    base: float,
    trees: list[list[Any]],
    source: str,
    lands: Mapping[str, float] | None = None,
    sure: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, Any]:
    return {
        "source": source,
        "least": LEAST,
        "fresh": FRESH,
        "bias": first.bias,
        "base": base,
        "marks": first.named(0),
        "typed": {type_: own for n, type_ in enumerate(TYPES, 1) if (own := first.named(n))},
        "sited": lands or {},
        "credence": sure or {},
        "trees": trees,
    }


def judged(articles: list[Told], weights: Any) -> tuple[Counter[str], Counter[str]]:
    """Count what the frames alone, and weighed, get right: tp, fp, fn, and clean articles hit."""
    plain: Counter[str] = Counter()
    weighed: Counter[str] = Counter()
    likely = {id(row): likelihood.likelihood(found, weights) for row, found in traits(articles)}
    for one in articles:
        _count(plain, one, [row for row in one.rows if row.pair.claimed])
        kept = [row for row in one.rows if likely[id(row)] >= (LEAST if row.pair.claimed else FRESH)]
        _count(weighed, one, kept)
    return plain, weighed


def _count(counts: Counter[str], article: Told, rows: list[Row]) -> None:
    right = sum(row.right for row in rows)
    false = sum(not row.right and not row.open for row in rows)
    counts.update(tp=right, fp=false, fn=max(0, len(article.label["claims"]) - right))
    if not article.label["claims"]:
        counts.update(clean=1, hit=int(false > 0))


def shown(counts: Counter[str]) -> str:
    precision = counts["tp"] / max(1, counts["tp"] + counts["fp"])
    recall = counts["tp"] / max(1, counts["tp"] + counts["fn"])
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"P {precision:.2f} R {recall:.2f} F1 {f1:.2f} clean hit {counts['hit']}/{counts['clean']}"


def folds(names: Sequence[str]) -> list[list[str]]:
    return [list(names[n::FOLDS]) for n in range(FOLDS)]


def choices_of(articles: Iterable[Told]) -> Iterator[sited.Choice]:
    for one in articles:
        yield from one.choices


def vouched_of(articles: Iterable[Told]) -> Iterator[credence.Vouched]:
    for one in articles:
        yield from one.vouched


def weigh_apart(sets: Mapping[str, list[Told]]) -> None:
    """Place the claims and weigh the rows of each set by what was learned without the sets of its fold."""
    for fold in folds(list(sets)):
        lands = sited.learn(choices_of(one for name in sets if name not in fold for one in sets[name]))
        place((one for name in fold for one in sets[name]), lands)
    for fold in folds(list(sets)):
        first_step(one for name, told in sets.items() if name not in fold for one in told).weigh(
            one for name in fold for one in sets[name]
        )


def seen(sets: Mapping[str, list[Told]], names: Iterable[str]) -> list[tuple[Row, likelihood.Traits]]:
    return [each for name in names for each in traits(sets[name])]


WRITTEN = ("marks", "typed", "sited", "credence", "trees")  # what is written a line for each


def written(weights: Mapping[str, Any], path: Path) -> None:
    """Write weights.yaml: a line for each mark and each tree."""
    head = {
        name: value for name, value in weights.items() if name not in ("marks", "typed", "sited", "trees")
    }
    lines = ["# Made by `make weights` from the labelled articles of tests/blind; not written by hand."]
    lines += [yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=110).rstrip(), "marks:"]
    lines += [f"  {_quoted(name)}: {weight}" for name, weight in weights["marks"].items()]
    for table in ("typed", "credence"):
        lines += [f"{table}:" if weights[table] else f"{table}: {{}}"]
        for kind, own in weights[table].items():
            lines += [f"  {kind}:", *(f"    {_quoted(name)}: {weight}" for name, weight in own.items())]
    lines += ["sited:" if weights["sited"] else "sited: {}"]
    lines += [f"  {_quoted(name)}: {weight}" for name, weight in weights["sited"].items()]
    lines += ["trees:" if weights["trees"] else "trees: []"]
    lines += [f"  - [{', '.join(map(_node, tree))}]" for tree in weights["trees"]]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _node(node: Any) -> str:
    return f"[{_quoted(node[0])}, {node[1]}, {node[2]}, {node[3]}]" if isinstance(node, list) else str(node)


@click.command()
@click.option("--check", is_flag=True, help="Only draw the table of sets left out, write nothing.")
def main(check: bool) -> None:
    """Learn pipeline/knowledge/weights.yaml again.

    Example: make weights ARGS=--check
    """
    sets = {}
    for name in evaluation.scored():
        sets[name] = read(name)
        click.echo(f"read {name}", err=True)
    weigh_apart(sets)
    if check:
        for fold in folds(list(sets)):
            sure = credence.learn(vouched_of(one for name in sets if name not in fold for one in sets[name]))
            for name in fold:
                found = list(vouched_of(sets[name]))
                rules, weighed_ = credence.right(found, None), credence.right(found, sure)
                click.echo(f"{name}  status of {rules[1]}: by rules {rules[0]}, weighed {weighed_[0]}")
        for fold in folds(UNSEEN):
            base, trees = second_step(seen(sets, (name for name in UNSEEN if name not in fold)))
            weights = msgspec.convert(weights_of(NOTHING, base, trees, "left out"), Weights)
            for name in fold:
                plain, weighed = judged(sets[name], weights)
                click.echo(f"{name}  frames: {shown(plain)}   weighed: {shown(weighed)}")
        return
    base, trees = second_step(seen(sets, UNSEEN))
    first = first_step(one for told in sets.values() for one in told)
    source = (
        f"learned by tests/weights.py from the blind sets {', '.join(sets)}; trees from {', '.join(UNSEEN)}"
    )
    lands = sited.learn(choices_of(one for told in sets.values() for one in told))
    sure = credence.learn(vouched_of(one for told in sets.values() for one in told))
    written(weights_of(first, base, trees, source, lands, sure), HERE / "weights.yaml")
    click.echo(
        f"{np.count_nonzero(first.logits)} weights of marks, {len(lands)} of lands, {len(trees)} trees"
    )


if __name__ == "__main__":
    main()
