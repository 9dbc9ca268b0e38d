"""The one source of truth: eight sites and four areas, as every file of this folder holds them.

Names and places are invented. Coordinates have four decimals, so that degrees, minutes and seconds
with two decimals, and degrees and minutes with three, say them exactly.
"""

from collections import namedtuple

from pyproj import Geod, Transformer
from shapely.geometry import MultiPolygon, Polygon, mapping

Site = namedtuple("Site", "id klass lon lat kind tags names beds capacity occupancy")

# kind: the word that lists for people use; tags: those of OpenStreetMap.
SITES = [
    Site("S1", "hospital", 92.1234, 21.0712, "Hospital", {"amenity": "hospital"},
         {"en": "Marlowe General Hospital", "es": "Hospital Santa Inés", "fr": "Hôpital Élise-Béranger", "ar": "مستشفى الأمل", "ru": "Больница Лесная", "zh": "青山医院", "bn": "আলোকপুর হাসপাতাল"}, 120, None, None),
    Site("S2", "health_centre", 92.1402, 21.0855, "Health Centre", {"amenity": "clinic"},
         {"en": "Quillon Clinic", "es": "Clínica Peñasco", "fr": "Clinique des Goélands", "ar": "عيادة النور", "ru": "Поликлиника Заречная", "zh": "红河诊所", "bn": "নদীপাড় ক্লিনিক"}, None, None, None),
    Site("S3", "school", 92.1587, 21.0631, "School", {"amenity": "school"},
         {"en": "Tamsin Primary School", "es": "Escuela Ñandú", "fr": "École du Châtaignier", "ar": "مدرسة الزيتون", "ru": "Школа Берёзка", "zh": "松林小学", "bn": "শালবন বিদ্যালয়"}, None, 450, None),
    Site("S4", "school", 92.1699, 21.0923, "School", {"amenity": "school"},
         {"en": "Orrin Valley Academy", "es": "Colegio Güiraldes", "fr": "Lycée François-Ébène", "ar": "مدرسة الفرات", "ru": "Гимназия Юность", "zh": "白云中学", "bn": "পাহাড়তলী পাঠশালা"}, None, None, None),
    Site("S5", "water_point", 92.1316, 21.1044, "Water Point", {"man_made": "water_well"},
         {"en": "Fenwick Borehole", "es": "Pozo Cañaveral", "fr": "Forage Rivière-Sèche", "ar": "بئر الوادي", "ru": "Колодец Ключевой", "zh": "龙泉水井", "bn": "শাপলা নলকূপ"}, None, None, None),
    Site("S6", "displacement_site", 92.1854, 21.0778, "Displacement Site", {"amenity": "refugee_site"},
         {"en": "Bracken Field Camp", "es": "Campamento Río Añil", "fr": "Camp de la Forêt-Brûlée", "ar": "مخيم الياسمين", "ru": "Лагерь Озёрный", "zh": "东湖营地", "bn": "কাশফুল শিবির"}, None, None, 2300),
    Site("S7", "food_supply", 92.1521, 21.1137, "Food Supply", {"amenity": "marketplace"},
         {"en": "Larkspur Market", "es": "Mercado Ángeles", "fr": "Marché Saint-Éloi", "ar": "سوق السلام", "ru": "Рынок Южный", "zh": "北门市场", "bn": "পদ্মা বাজার"}, None, None, None),
    Site("S8", "place_of_worship", 92.1773, 21.1215, "Place of Worship", {"amenity": "place_of_worship", "religion": "christian"},
         {"en": "Chapel of Hollowmere", "es": "Capilla Concepción", "fr": "Chapelle Notre-Dame-du-Frêne", "ar": "مسجد الهدى", "ru": "Храм Покрова", "zh": "金顶寺", "bn": "শান্তিনগর মসজিদ"}, None, None, None),
]

Area = namedtuple("Area", "id name coa phase start end shape")

# Edges are straight in the file's own system.
AREAS = [
    Area("A-1", "Marlowe cordon", "A", "1-cordon", "2026-03-01T06:00:00Z", "2026-03-01T18:00:00Z",
         Polygon([(92.11, 21.05), (92.15, 21.055), (92.165, 21.08), (92.14, 21.1), (92.105, 21.09)])),
    Area("A-2", "Orrin relief ground", "A", "2-relief", "2026-03-02T06:00:00Z", "2026-03-03T18:00:00Z",
         Polygon([(92.16, 21.085), (92.195, 21.085), (92.195, 21.13), (92.16, 21.13)],
                 [[(92.17, 21.1), (92.17, 21.115), (92.185, 21.115), (92.185, 21.1)]])),
    Area("B-1", "Fenwick and Larkspur", "B", "1-cordon", "2026-03-01T06:00:00Z", "2026-03-01T18:00:00Z",
         MultiPolygon([Polygon([(92.12, 21.095), (92.14, 21.095), (92.14, 21.115), (92.12, 21.115)]),
                       Polygon([(92.145, 21.105), (92.16, 21.11), (92.15, 21.12)])])),
    Area("B-2", "Zelkova kvarter Ø", "B", "2-relief", "2026-03-02T06:00:00Z", "2026-03-03T18:00:00Z",
         Polygon([(92.15, 21.05), (92.2, 21.06), (92.19, 21.09)])),
]

_GEOD = Geod(ellps="WGS84")
_PARTS = 2000


def parts(shape):
    return list(shape.geoms) if shape.geom_type == "MultiPolygon" else [shape]


def carried(shape, epsg):
    """The shape with its vertices in another system."""
    if epsg == 4326:
        return shape
    to = Transformer.from_crs(4326, epsg, always_xy=True)
    ring = lambda ring: [to.transform(*at[:2]) for at in ring.coords]
    made = [Polygon(ring(p.exterior), [ring(i) for i in p.interiors]) for p in parts(shape)]
    return MultiPolygon(made) if shape.geom_type == "MultiPolygon" else made[0]


def km2(shape, epsg=4326):
    """Surface on WGS 84 of a shape in EPSG:4326 whose vertices are carried to `epsg` and joined by
    straight lines there: each edge is cut into many pieces, which are carried back."""
    back = Transformer.from_crs(epsg, 4326, always_xy=True)

    def ring_km2(ring):
        at = list(ring.coords)
        lon, lat = [], []
        for (x0, y0, *_), (x1, y1, *_) in zip(at, at[1:]):
            for i in range(_PARTS):
                lon.append(x0 + (x1 - x0) * i / _PARTS)
                lat.append(y0 + (y1 - y0) * i / _PARTS)
        if epsg != 4326:
            lon, lat = back.transform(lon, lat)
        return abs(_GEOD.polygon_area_perimeter(lon, lat)[0]) / 1e6

    there = carried(shape, epsg)
    return sum(ring_km2(p.exterior) - sum(ring_km2(i) for i in p.interiors) for p in parts(there))


def areas_geojson(keep=("id", "name", "coa", "phase", "start", "end")):
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {key: getattr(a, key) for key in keep}, "geometry": mapping(a.shape)}
        for a in AREAS]}


def site_rows(language="en"):
    """Rows of a list for people: id, name, type, beds, capacity, occupancy."""
    return [{"id": s.id, "name": s.names[language], "type": s.kind, "beds": s.beds, "capacity": s.capacity,
             "occupancy": s.occupancy} for s in SITES]


def sites_geojson(language="en"):
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": row, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}}
        for row, s in zip(site_rows(language), SITES)]}


def osm_tags(site, language="en"):
    tags = dict(site.tags, name=site.names[language])
    if site.beds:
        tags["beds"] = str(site.beds)
    if site.capacity:
        tags["capacity"] = str(site.capacity)
    return tags
