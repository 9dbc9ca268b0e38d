"""Opens what civex wrote in QGIS, without a screen: styles and aliases are there, and a picture is drawn.

QT_QPA_PLATFORM=offscreen python3 tests/desktop/open_in_qgis.py FOLDER, which holds out.gpkg, out.geojson and their styles.
"""

import sys

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

folder = sys.argv[1]
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()


def expect(holds, what):
    if not holds:
        print("not so:", what)
        sys.exit(1)
    print("ok:", what)


def opened(uri, name):
    layer = QgsVectorLayer(uri, name, "ogr")
    expect(layer.isValid() and layer.featureCount() > 0, f"{name} opens with {layer.featureCount()} rows")
    return layer


def styled(layer, attribute, categories):
    renderer = layer.renderer()
    expect(renderer.type() == "categorizedSymbol", f"{layer.name()} is colored by category")
    expect(renderer.classAttribute() == attribute, f"{layer.name()} is colored by {attribute}")
    found = len(renderer.categories())
    expect(found == categories, f"{layer.name()} has {found} categories")


def look():
    areas = opened(f"{folder}/out.gpkg|layername=areas", "areas")
    sites = opened(f"{folder}/out.gpkg|layername=sites", "sites")
    options = opened(f"{folder}/out.gpkg|layername=options", "options")
    gaps = opened(f"{folder}/out.gpkg|layername=gaps", "gaps")
    styled(areas, "band", 7)
    styled(options, "band", 7)
    styled(sites, "tier", 5)
    expect(areas.labelsEnabled(), "areas are labeled")
    for layer, column, alias in [(areas, "pop_best", "people, best"), (sites, "observed_on", "observed on"), (gaps, "voi", "worth, points")]:
        found = layer.attributeAlias(layer.fields().indexOf(column))
        expect(found == alias, f"{column} is called {found!r}")

    loose = opened(f"{folder}/out.geojson", "out")
    styled(loose, "band", 7)
    expect(loose.attributeAlias(loose.fields().indexOf("pop_best")) == "people, best", "GeoJSON has aliases, too")
    _, taken = loose.loadSldStyle(f"{folder}/out.sld")
    expect(taken, "QGIS takes the SLD")

    settings = QgsMapSettings()
    settings.setLayers([sites, areas])
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(1000, 600))
    extent = areas.extent()
    extent.scale(1.1)
    settings.setExtent(extent)
    settings.setDestinationCrs(areas.crs())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(f"{folder}/qgis.png")
    colors = {picture.pixelColor(x, y).name() for x in range(0, 1000, 2) for y in range(0, 600, 2)}
    expect(len(colors) > 20, f"the picture has {len(colors)} colors")
    expect("#08306b" in colors, "sites of tier 1 have their color")


look()
# Layers and the picture are gone by now, which QGIS wants before it ends.
app.exitQgis()
