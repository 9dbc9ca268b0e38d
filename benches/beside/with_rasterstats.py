"""rasterstats as its documentation calls it: raster areas out. A cell counts whole where its center is inside."""

import sys

import geopandas
from rasterstats import zonal_stats

raster, areas, out = sys.argv[1:4]
areas = geopandas.read_file(areas)
areas["sum"] = [stats["sum"] for stats in zonal_stats(areas, raster, stats=["sum"])]
areas.to_file(out, driver="GeoJSON")
