"""What the demo has seen of the topics, and the table of claims drawn of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from agents.screen import line
from pipeline.types import Alert, Claim, Decision, Outcome

SOURCE = 24  # characters shown of an outlet's name
HEADS = ("Theatre", "Supporter", "Executor", "Type", "Recipient", "Status", "Decision", "Source", "Quote")
STACKED = ("Theatre", "Supporter\nExecutor", "Type\nStatus", "Recipient", "Decision\nStep", "Source\nQuote")


@dataclass
class Seen:
    """What the topics have told so far. Repeats of one id count once."""

    outcomes: list[Outcome] = field(default_factory=list)
    claims: dict[str, Claim] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)  # by claim id
    alerts: dict[str, Alert] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)  # stage and error of each dead letter

    def add(self, record: Any) -> None:
        match record:
            case Outcome():
                self.outcomes.append(record)
            case Claim():
                self.claims.setdefault(record.id, record)
            case Decision():
                self.decisions.setdefault(record.claim.id, record)
            case Alert():
                self.alerts.setdefault(record.id, record)


def claims_table(seen: Seen, width: int) -> Table:
    """Draw the claims in the order in which their articles came; two lines each where it is narrow."""
    order = {outcome.article: place for place, outcome in enumerate(seen.outcomes)}
    claims = sorted(seen.claims.values(), key=lambda claim: _place(claim, order))
    rows = [_cells(claim, seen.decisions.get(claim.id)) for claim in claims]
    table = _table(rows, width, HEADS)
    if table is None:
        return _table([_stacked(row) for row in rows], width, STACKED, room=0) or Table()
    return table


def _table(rows: list[list[str]], width: int, heads: Sequence[str], room: int = 30) -> Table | None:
    """Draw rows whose last cell is cut to what the others leave; None where that is less than `room`."""
    fixed = [max(map(_width, column)) for column in zip(*(row[:-1] for row in [heads, *rows]), strict=True)]
    left = width - sum(fixed) - 2 * len(fixed) - 1
    if left < room:
        return None
    table = Table(
        title="Claims", title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0)
    )
    for head, size in zip(heads, [*fixed, max(left, 10)], strict=True):
        table.add_column(head, width=size, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _place(claim: Claim, order: Mapping[str, int]) -> tuple[int, str, int]:
    return order.get(claim.article.id, len(order)), claim.evidence.field, claim.evidence.start


def _cells(claim: Claim, decision: Decision | None) -> list[str]:
    disputed = ", disputed" if claim.disputed and claim.status != "denied" else ""
    return [
        claim.theatre,
        claim.supporter.principal,
        claim.supporter.executor or "",
        claim.type,
        claim.recipient or "",
        claim.status + disputed,
        _decided(decision),
        line(claim.article.source, SOURCE),
        line(claim.evidence.quote),
    ]


def _stacked(row: list[str]) -> list[str]:
    theatre, principal, executor, kind, recipient, status, decision, source, quote = row
    upper = [theatre, principal, kind, recipient, decision.partition(" ")[0], source]
    lower = ["", executor, status, "", decision.partition(" ")[2], quote]
    return [f"{above}\n{below}" for above, below in zip(upper, lower, strict=True)]


def _decided(decision: Decision | None) -> str:
    if decision is None:
        return ""
    return f"{decision.decision} {decision.step}" if decision.decision == "UPDATE" else decision.decision
