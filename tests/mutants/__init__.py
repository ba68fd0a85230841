"""What the tests must notice: for each guarantee a patch that takes it away.

`make mutants` applies each patch to a copy of the tree and runs the tests that its header names: one of
them has to fail. A patch is what `git diff -U2` prints for a few changed lines, under a header:

    # guarantee: nothing lost
    # says: a record counts as sent once the broker has it
    # tests: tests/agents/test_runner.py::test_order_under_a_key_survives_a_failed_send
    # needs: kafka

`says` is what holds without the patch; `tests` may stand several times; `needs` only where a real Kafka is
started: such a patch waits for `--all`. A patch that no longer fits the code is written anew, by hand.
"""

GUARANTEES = (
    "nothing lost",
    "nothing mailed twice",
    "quotes are verbatim",
    "ids are derived",
    "order does not matter",
    "strangers' text is escaped",
    "everything is bounded",
    "cleaning twice changes nothing",
    "carried records are skipped",
    "settings are checked",
    "sizes are refused by publish",
    "knowledge errors name the file",
    "jars are those locked",
    "children end with their parent",
    "old news never alerts",
)
