"""An evidence record, and what can honestly be said of it.

`evidence` declares the record, `text` turns it into sentences (a sentence without evidence is not said), `report` turns
the result of a whole run into one HTML page.
"""
