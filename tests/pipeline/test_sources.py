import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ids import derive
from pipeline.sources import article_id, family, wire
from tests.pipeline.text_knowledge import knowledge

FROZEN = {
    "https://www.example.org/news/2019/12/libya?utm_source=feed&id=7#top": "15ff0e4b3b961ddff0fdb839e52c196e",
    "http://news.example/a/": "459c66c865b207fccab9ecfa2bf85092",
    "HTTPS://Example.org/%7Euser/x.html?b=2&a=1": "da76612eaeb3277228bbba81df08db38",
    "https://berita.example/artikel-żółć": "4708691fa16359ba22c77f15f8d91b49",
}


@pytest.mark.parametrize(("url", "value"), FROZEN.items())
def test_the_ids_of_addresses_are_frozen(url, value):
    assert article_id({"url": url}) == value


def test_tracking_parameters_do_not_make_another_article():
    one, two = ({"url": f"https://news.example/a{rest}"} for rest in ("", "?utm_source=x"))
    assert article_id(one) == article_id(two)


def test_a_given_id_is_kept():
    assert article_id({"id": "seed", "url": "https://news.example/a"}) == "seed"


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\nb", "a\x7f", 7, None])
def test_an_invalid_id_is_not(bad):
    assert article_id({"id": bad, "source": "s", "body": "b"}) == derive("s", "b")


@pytest.mark.parametrize(
    "url", ["/relative", "ftp://a.example/x", "https://", "not a url", "mailto:a@b.example", "http://[::1", 3]
)
def test_without_an_absolute_address_source_and_body_name_the_article(url):
    assert article_id({"url": url, "source": "s", "body": "b"}) == derive("s", "b")


def test_nothing_readable_has_no_id():
    assert article_id({}) is None
    assert article_id({"url": "x", "source": "s"}) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["id", "url", "source", "body"]), st.text(max_size=30) | st.integers() | st.none()
    )
)
def test_any_record_is_read(record):
    found = article_id(record)
    assert found is None or 0 < len(found) <= 200


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("antaranews.com", "antara"),
        ("www.AntaraNews.com", "antara"),
        ("en.antaranews.com", "antara"),
        ("m.desk.news.example", "desk"),
        ("other.news.example", "news.example"),
        ("Kantor Berita ANTARA", "antara"),
        ("edition.news.co.uk", "news.co.uk"),
        ("www.example.org", "example.org"),
        ("The Daily Record", "the daily record"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_a_source_belongs_to_a_family(source, expected):
    assert family(source, knowledge()) == expected


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("TRIPOLI (Reuters) - Soldiers arrived.", "reuters"),
        ("TRIPOLI, Dec 21 (Reuters) – Soldiers arrived.", "reuters"),
        ("Soldiers arrived.\n\nSumber: Reuters", "reuters"),
        ("Soldiers arrived. (AFP)", "afp"),
        ("Tentara tiba, kata pejabat itu kepada Reuters.\n\nMereka pergi.", "reuters"),
        ("Soldiers arrived, an official told AFP. They left later.\n\nNobody spoke.", "afp"),
        (
            "A reporter of the agency Reuters was hurt in the blast, police said.\n\nHe left.",
            None,
        ),
        ("Soldiers arrived.", None),
        ("Soldiers arrived.\n\nThe ministry denied the Reuters report.", None),
        ("Soldiers arrived.\n\nReporting by Jane Roe for Reuters in Tripoli", "reuters"),
        ("Soldiers arrived.\n\nAFP/Jane Roe", "afp"),
        ("", None),
    ],
)
def test_an_agency_is_named_where_it_is_credited(text, agency):
    assert wire(text, knowledge()) == agency


@pytest.mark.parametrize(
    ("author", "agency"), [("Reuters", "reuters"), ("Jane Roe / AFP", "afp"), ("Jane Roe", None)]
)
def test_an_author_may_be_an_agency(author, agency):
    assert wire("Soldiers arrived.", knowledge(), [author]) == agency
