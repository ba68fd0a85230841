"""Pure news processing: values in, values out. No Kafka, no clock, no network.

    RawArticle --clean--> Article --language--> Article --entities--> Article
               --claims--> Claims --novelty--> Decision --alerts--> Alerts

The order is executable in `agents/topology.py`.
"""

__version__ = "0.1.0"
