"""How the languages of first depth bend their words: `verb(word)` and `noun(word)` give voice -> forms.

A voice is what `pipeline.claims.vocabulary` reads: "" is the voice of the group the word stands in; "both",
"pass", "attr" (a participle before what it was done to) and "doer" (one before who does it) are set by the
form. Behind a "+" stands what else the form says: a mood (planned, hedge, negative …) or a case ("to", "by",
"of"). What is no verb of the language has no forms.
"""
