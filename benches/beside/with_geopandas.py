"""Sites of each kind in each area by geopandas: sites areas out."""

import sys

import geopandas

sites, areas, out = sys.argv[1:4]
areas = geopandas.read_file(areas)
sites = geopandas.read_file(sites)
pairs = geopandas.sjoin(areas[["key", "geometry"]], sites[["kind", "geometry"]], predicate="intersects")
counts = pairs.groupby(["key", "kind"]).size().unstack(fill_value=0)
counts = counts.reindex(columns=sites["kind"].unique(), fill_value=0)
areas = areas.merge(counts, how="left", left_on="key", right_index=True)
areas[counts.columns] = areas[counts.columns].fillna(0).astype(int)
areas.to_file(out, driver="GeoJSON")
