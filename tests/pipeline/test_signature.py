import pytest

from pipeline.signature import same, sign

REPORT = " ".join(f"soldier{number} crossed the border near village{number % 7}" for number in range(60))

FROZEN = {
    "One two three four five": (
        "YLYf6O1JPNd819LG3mpg7fGkv/GYAyDsuLzo184zqO1WEK/y5rku3ys5sNnJsebBHTyvxVj9LfCfFNHavz3n6I"
        "5t1tJogAP9Njrk9zoEx8M2u67Q86f66nXXReWuxj4oFlPhzyywHugnrirfu++8pEQGaNFgWdfDxb3X3+9LEsHA"
        "n7j0O7mf0Kotzv434pjv67iG5SeWfd50CGHqat9++WFBqsxUewV9Vslk5CCe+s7Yb6zRyvD6+g91//WbduHGg1"
        "S8w3UFqtK4R0bTchavxVmtksoTNRXqfJF71CfiZ8L3LyfgT5ewyXz3SuObBpDMqRwS2Ey8gMUI+H3RNlqi0Q=="
    ),
    "Hundreds of fighters have been flown to Tripoli, three commanders said on Saturday.": (
        "KrCmxKqZIZbw3hivJmW3yeuloSOJEEnAn6DYl0lJ4MPeYbjEo/wlx3YubEG7UJLHJWWJwMn0EsAsR1vF0TrCw7"
        "z3rTh1FD3IbCdNQmeBwMCH0PEcz/u7wMxJ4cp6PistzsaiyBiJkcF51zUEKx/hwADUGsmPVeXAU10DLr/FyswV"
        "wlYXewfKyBlT5cSKCtrCMdIi3GBBTcCz4NvA9QqVwFoiysApvKbJGZLKz461gEvTpuPADF38cd/6dcWPJhHJwW"
        "sC0GKxIZS0yHXAScPwaVOij60ZShqq6jf1yOd7k2HE7g5rKLyYsK4AtbcyTdYFrCgCHMCsE8HU+CfB1Gnluw=="
    ),
}


@pytest.mark.parametrize(("text", "value"), FROZEN.items())
def test_the_values_are_frozen(text, value):
    assert sign(text) == value


def test_under_five_words_there_is_none():
    assert sign("only four words here") is None
    assert sign("") is None


def test_case_and_punctuation_do_not_count():
    assert sign("One, two; three four FIVE!") == sign("one two three four five")


def test_credit_lines_do_not_count():
    credited = f"{REPORT}\nReporting by Jane Roe; editing by John Doe"
    assert sign(credited) == sign(REPORT)


def test_a_reprint_with_one_more_sentence_is_the_same_report():
    assert same(sign(REPORT), sign(REPORT + " The ministry did not comment."))


def test_another_report_is_not_the_same():
    assert not same(
        sign(REPORT),
        sign("A football match ended in a draw on Sunday evening in Jakarta before a large crowd."),
    )


def test_nothing_is_like_a_missing_signature():
    assert not same(None, None)
    assert not same(sign(REPORT), None)


def test_a_report_equals_itself():
    assert same(sign(REPORT), sign(REPORT))
