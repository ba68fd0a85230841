"""What people take back, as the fold reads it: a further revision of the article, with words of retraction.

Thus a retraction is joined like any report: it stands in the spell of the claim, survives a replay and a
rebuild, and told twice it is a repeat. Whoever got the claim gets it, for times and roles are the claim's.
"""

import msgspec

from pipeline.ids import derive
from pipeline.types import Claim, Correction


def withdrawn(correction: Correction) -> Claim | None:
    """Return the claim that takes back what `correction` names; None where it retracts nothing."""
    claim = correction.claim
    if correction.kind != "retract" or claim is None:
        return None
    content = derive("retracted", claim.id)
    article = msgspec.structs.replace(claim.article, content_hash=content, signature=None)
    evidence = claim.evidence
    return msgspec.structs.replace(
        claim,
        made_by=correction.made_by,
        id=derive(article.id, content, claim.key, "retracted", evidence.field, evidence.start, evidence.end),
        epistemic="retracted",
        status="retracted",
        article=article,
        correction=correction.reason,
    )
