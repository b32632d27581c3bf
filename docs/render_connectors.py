"""Renders the tables of docs/connectors.md from their data: ``python docs/render_connectors.py``."""

import re
from pathlib import Path

from alipes.connectors.client_ids import RULES, UNTESTED, IdRules
from alipes.connectors.fates import TABLE, Action, Row
from alipes.model import RequestKind

PAGE = Path(__file__).resolve().parent / "connectors.md"

_ACTIONS = {
    Action.NONE: "",
    Action.BACK_OFF: "nothing is sent until the venue's time is over",
    Action.RESYNC_CLOCK: "the venue's clock is measured anew",
    Action.QUERY: "looked for, never sent again",
    Action.FETCH: "asked for by client id at once; found: accepted",
}


def names(values: frozenset[str]) -> str:
    """Names in code, in order."""
    return ", ".join(f"`{each}`" for each in sorted(values))


def facts_of(row: Row) -> str:
    """What must be so for a row, as the page shows it."""
    facts = []
    if row.is_sent is False:
        facts.append("it did not leave")
    if row.raised:
        facts.append(names(row.raised))
    if row.causes:
        facts.append(f"caused by {names(row.causes)}")
    if row.has_cause:
        facts.append("with any other cause")
    if row.statuses is not None:
        facts.append(f"HTTP {row.statuses[0]}-{row.statuses[1]}")
    if row.codes:
        facts.append("any code of the venue" if "*" in row.codes else f"code {names(row.codes)}")
    if row.text:
        facts.append(f"text `{row.text.replace('|', '&#124;')}`")
    if row.kinds != frozenset(RequestKind):
        facts.append(f"only {names(frozenset(row.kinds))}")
    return "; ".join(facts) or "anything else"


def fate_table() -> str:
    """The fates as Markdown."""
    lines = ["| row | facts | fate | and |", "|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {facts_of(row)} | **{row.fate}** | {_ACTIONS[row.action]} |" for row in TABLE
    ]
    return "\n".join(lines)


def id_table() -> str:
    """The client ids as Markdown."""
    lines = [
        "| venue | create | cancel | amend | found by | kept | conditional | cancels end |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(id_row, [*RULES, "any other"], [*RULES.values(), UNTESTED])])


def id_row(venue: str, rules: IdRules) -> str:
    """One venue."""
    found = ["fetch_order"] if rules.on_fetch else ["fetch_open_orders"] if rules.on_list else ["listing"]
    cells = [
        f"`{rules.on_create}`",
        f"`{rules.on_change}`" if rules.on_change else "venue id",
        f"`{rules.on_amend}`" if rules.can_amend else "no",
        f"`{found[0]}`" if "_" in found[0] else found[0],
        "yes" if rules.is_kept else "not taken for granted",
        "yes" if rules.takes_conditional else "no",
        "in the reply" if rules.acks_cancels else "asked for",
    ]
    return f"| {venue} | {' | '.join(cells)} |"


def render(page: str) -> str:
    """The page with its tables as the data have them."""
    for name, table in (("fates", fate_table()), ("client ids", id_table())):
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        page = re.sub(
            f"{start}.*?{end}", lambda _, t=table, s=start, e=end: f"{s}\n{t}\n{e}", page, flags=re.DOTALL
        )
    return page


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
