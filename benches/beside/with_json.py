"""Merely parses GeoJSON and writes it again: areas out."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    features = json.load(file)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(features, file)
