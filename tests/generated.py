"""Articles as no site writes them, for properties that must hold for all."""

from hypothesis import strategies as st

from cleaner.article import Article, Removed

ANY = st.text(alphabet=st.characters(codec=None), max_size=20)  # lone surrogates too
KEY = ANY.filter(lambda key: key not in Article.__slots__)
NASTY = st.sampled_from(['","near_duplicates":null', ',"provenance":', '"extra":{}}', "\\", '"', "\ud800"])
TEXT = st.one_of(ANY, NASTY)
ARTICLES = st.builds(
    Article,
    id=st.one_of(TEXT, st.integers(-(2**40), 2**40)),
    text=TEXT,
    title=st.none() | TEXT,
    flags=st.lists(TEXT, max_size=2).map(tuple),
    removed=st.lists(st.builds(Removed, st.integers(0, 9), TEXT, TEXT), max_size=2).map(tuple),
    near_duplicates=st.none() | TEXT,
    story=st.none() | TEXT | st.integers(0, 9),
    canonical=st.none() | st.booleans(),
    provenance=st.dictionaries(TEXT, TEXT, max_size=2),
    extra=st.dictionaries(KEY, st.one_of(TEXT, st.none(), st.dictionaries(TEXT, TEXT, max_size=1)), max_size=2),
)
