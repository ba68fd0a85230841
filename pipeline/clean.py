"""Stage 1, RawArticle -> Article."""
