#!/bin/sh
# What `make test-desktop` calls: the page of the demo under axe-core, GeoPackage and styled GeoJSON in QGIS.
# Wants Node.js, Chromium and, on Debian or Ubuntu, the packages qgis and python3-qgis, which it installs.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
out=$here/target/desktop
mkdir -p "$out"
civex=$here/target/release/civex
cd "$here"

"$civex" assess data/iceland/scenario.toml -o "$out/out.geojson" -o "$out/out.gpkg" --style --with sites,gaps,options --quiet
"$civex" report "$out/out.geojson" --inputs data/iceland -o "$out/out.html" --quiet

[ -d "$out/node_modules/axe-core" ] || (cd "$out" && npm install --silent --no-save --prefix . axe-core@4 playwright-core@1)
CIVEX_NODE_MODULES=$out node tests/desktop/axe.mjs "$out/out.html"

has_qgis() { /usr/bin/python3 -c 'import qgis.core' 2>/dev/null; }
if ! has_qgis; then
    echo 'test-desktop: will install qgis and python3-qgis' >&2
    sudo=''
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get -qq update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends qgis python3-qgis
fi
QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/desktop/open_in_qgis.py "$out"
echo "look at $out/qgis.png"
