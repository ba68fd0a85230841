"""Make every generated file of the knowledge again."""

from ops.knowledge import countries, forms

countries.TARGET.write_text(countries.build(), "utf-8")
forms.main([])
