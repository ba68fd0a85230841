"""What is said of an article and of its claims wherever a person reads it: on the screen and on a page."""

from agents.screen import line
from pipeline.claims.accounts import Account
from pipeline.types import Article, Claim


def facts(article: Article) -> dict[str, str]:
    """Return what is known of an article before its text is read, by its name for people."""
    language = article.language
    found = {
        "source": f"{article.source} ({article.family})" + (f", by {article.wire}" if article.wire else ""),
        "address": article.url,
        "published": str(article.published_at) if article.published_at else "not said: never alerts",
        "language": f"{language.code} ({language.confidence:.0%})" if language else None,
        "id": article.id,
    }
    return {name: line(value, 300) for name, value in found.items() if value}


def what(claim: Claim) -> str:
    """Say in one line who gives what to whom."""
    who = claim.supporter.principal + (f" by {claim.supporter.executor}" if claim.supporter.executor else "")
    more = [
        *claim.equipment,
        claim.quantity.raw if claim.quantity else "",
        "disputed" if claim.disputed else "",
    ]
    return f"{who}: {claim.type} → {claim.recipient or '?'} in {claim.theatre}" + "".join(
        f", {line(one)}" for one in more if one
    )


def headline(one: Account) -> str:
    """Say what an account is of; of a candidate held back, what it would have been."""
    if one.claim is not None:
        return what(one.claim)
    who = dict(one.roles)
    return f"{who.get('principal', '?')}: {one.type} in {who.get('theatre', '?')}"


def sentence(one: Account, article: Article) -> str:
    body = article.text if one.field == "text" else article.title
    return line(body[one.sentence[0] : one.sentence[1]], 200)
