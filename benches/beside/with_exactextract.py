"""exactextract as its documentation calls it: raster areas out strategy.

The strategy is the one thing that matters for its speed. A raster of several samples is summed sample by sample.
"""

import sys

import geopandas
from exactextract import exact_extract

raster, areas, out, strategy = sys.argv[1:5]
areas = geopandas.read_file(areas)
found = exact_extract(
    raster, areas, ["sum"], include_cols=["key"], include_geom=True, output="pandas", strategy=strategy
)
found.to_file(out, driver="GeoJSON")
