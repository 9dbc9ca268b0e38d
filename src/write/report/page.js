/* The map that moves. Everything is in the page: nothing is asked of anybody. Texts go in as text, never as markup. */
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var holder = document.getElementById("map");
  var card = document.getElementById("card");
  if (!window.L || !data) return;
  document.documentElement.classList.add("live");
  holder.hidden = false;

  function colorOf(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function made(tag, text) {
    var node = document.createElement(tag);
    node.textContent = text;
    return node;
  }

  var bands = { none_recorded: "--none", very_low: "--very-low", low: "--low", moderate: "--moderate", high: "--high", very_high: "--very-high", unknown: "--unknown" };
  var isLarge = data.areas.length > 400 || data.sites.length > 1500;
  // Who wishes for less motion gets the map without any.
  var moves = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var map = L.map(holder, {
    preferCanvas: false, zoomSnap: 0.25, zoomDelta: 0.5, attributionControl: false, minZoom: 0, maxZoom: 18,
    zoomAnimation: moves, fadeAnimation: moves, markerZoomAnimation: moves, inertia: moves
  });
  map.fitBounds(data.bounds);
  L.control.scale({ imperial: false }).addTo(map);
  ["ground", "areas", "rings", "sites", "labels"].forEach(function (name, place) {
    map.createPane(name).style.zIndex = 310 + 20 * place;
  });
  // One canvas for very much, since a second would lie over the first and take its clicks.
  var drawn = isLarge ? L.canvas({ pane: "areas", tolerance: 2 }) : L.svg({ pane: "areas" });
  var dots = isLarge ? drawn : L.svg({ pane: "sites" });
  var lines = L.svg({ pane: "rings" });
  var switches = {};

  var image = document.getElementById("people-image");
  if (image && data.people) {
    var people = L.imageOverlay(image.getAttribute("href"), data.people, { pane: "ground", className: "people-layer", alt: "" });
    switches["People (blocks of 30″)"] = people.addTo(map);
  }

  var chosen = null;
  var shapes = [];
  function tell(place) {
    var area = data.areas[place];
    card.replaceChildren(made("h3", area.key));
    var list = document.createElement("dl");
    area.card.forEach(function (line) {
      list.append(made("dt", line[0]), made("dd", line[1]));
    });
    card.append(list);
  }
  function plain(place) {
    var shape = shapes[place];
    shape.setStyle({ color: "#2a1a12", weight: isLarge ? 0.8 : 1.6 });
    if (shape.getElement && shape.getElement()) shape.getElement().classList.remove("chosen");
    var row = document.getElementById("row-" + place);
    if (row) row.classList.remove("chosen");
  }
  function choose(place, isToBeShown) {
    if (chosen !== null) plain(chosen);
    chosen = place;
    var shape = shapes[place];
    shape.setStyle({ color: "#0b3d91", weight: 4 });
    if (shape.getElement && shape.getElement()) shape.getElement().classList.add("chosen");
    shape.bringToFront();
    var row = document.getElementById("row-" + place);
    if (row) row.classList.add("chosen");
    tell(place);
    if (isToBeShown) map.fitBounds(shape.getBounds(), { maxZoom: 13, padding: [40, 40], animate: moves });
  }

  var areas = L.layerGroup();
  var hatches = L.layerGroup();
  var labels = L.layerGroup();
  data.areas.forEach(function (area, place) {
    if (!area.at) return;
    var shape = L.polygon(area.at, {
      renderer: drawn, className: "area", color: "#2a1a12", weight: isLarge ? 0.8 : 1.6, fillColor: colorOf(bands[area.band]), fillOpacity: 0.62
    });
    shapes[place] = shape;
    shape.bindTooltip(function () {
      var box = document.createElement("div");
      box.append(made("b", area.key));
      area.card.forEach(function (line) {
        if (line[0] === "people" || line[0] === "band") box.append(document.createElement("br"), line[0] + ": " + line[1]);
      });
      return box;
    }, { sticky: true });
    shape.on("click", function () { choose(place, false); });
    areas.addLayer(shape);
    if (area.missing) {
      hatches.addLayer(L.polygon(area.at, { renderer: isLarge ? lines : drawn, stroke: false, fillColor: "url(#hatch)", fillOpacity: 1, interactive: false }));
    }
    if (data.areas.length <= 60) {
      labels.addLayer(L.tooltip({ permanent: true, direction: "center", className: "map-label", pane: "labels", interactive: false })
        .setLatLng(area.label || shape.getBounds().getCenter()).setContent(made("span", area.id)));
    }
  });
  switches["Areas by band"] = areas.addTo(map);
  if (hatches.getLayers().length) switches["Hatched: part without population data"] = hatches.addTo(map);
  // An id that would lie on another stands a line or two beside its place; where that does not help, it waits until
  // the map is nearer.
  var linesBeside = [0, 1, -1, 2, -2];
  function untangle() {
    var kept = [];
    labels.eachLayer(function (label) {
      var node = label.getElement();
      if (!node) return;
      var at = map.latLngToContainerPoint(label.getLatLng());
      var half = L.point(node.offsetWidth, node.offsetHeight).divideBy(2);
      var places = linesBeside.map(function (count) {
        var moved = at.add([0, count * node.offsetHeight]);
        return L.bounds(moved.subtract(half), moved.add(half));
      });
      var free = places.findIndex(function (box) {
        return !kept.some(function (other) { return other.overlaps(box); });
      });
      node.style.visibility = free < 0 ? "hidden" : "";
      node.style.marginTop = free < 0 ? "" : linesBeside[free] * node.offsetHeight + "px";
      if (free >= 0) kept.push(places[free]);
    });
  }
  if (labels.getLayers().length) {
    switches["Ids of areas"] = labels.addTo(map);
    map.on("zoomend overlayadd", untangle);
    untangle();
  }
  if (!isLarge) {
    data.areas.forEach(function (area, place) {
      var node = shapes[place] && shapes[place].getElement();
      if (!node) return;
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", "Area " + area.key);
      node.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        choose(place, true);
      });
    });
  }

  var rings = L.layerGroup();
  data.rings.forEach(function (ring) {
    rings.addLayer(L.polyline(ring.at, { renderer: lines, color: "#2a1a12", weight: 1, dashArray: "1.5 3.5", interactive: false }));
  });
  if (data.rings.length) switches["Rings around areas"] = rings.addTo(map);

  var styles = { 1: ["--t1", 6], 2: ["--t2", 5], 3: ["--t3", 4.2], 4: ["--t4", 3.6] };
  var byTier = {};
  data.sites.forEach(function (site) {
    var tier = site.tier || 4;
    var dot = L.circleMarker(site.at, { renderer: dots, radius: styles[tier][1], color: "#ffffff", weight: 1, fillColor: colorOf(styles[tier][0]), fillOpacity: 1 });
    dot.bindTooltip(function () {
      var box = document.createElement("div");
      box.append(made("b", site.name || site.id), document.createElement("br"), String(site["class"]).replace(/_/g, " ") + (site.tier ? ", tier " + site.tier : ""));
      var where = site.areas ? "inside " + site.areas : site.near ? "near " + site.near : "";
      if (where) box.append(document.createElement("br"), where);
      return box;
    });
    (byTier[tier] = byTier[tier] || L.layerGroup()).addLayer(dot);
  });
  Object.keys(byTier).sort().reverse().forEach(function (tier) { byTier[tier].addTo(map); });
  Object.keys(byTier).sort().forEach(function (tier) { switches["Sites of tier " + tier] = byTier[tier]; });

  var edges = L.layerGroup();
  data.edges.forEach(function (edge) {
    edges.addLayer(L.polyline(edge, { renderer: lines, color: "#1b1d1f", weight: 1.4, dashArray: "8 5", interactive: false }));
  });
  if (data.edges.length) switches["Edge of the population source"] = edges.addTo(map);

  L.control.layers(null, switches, { collapsed: true }).addTo(map);
  holder.querySelector(".leaflet-control-layers-toggle").textContent = "Layers";
  document.querySelectorAll(".pick").forEach(function (button) {
    button.addEventListener("click", function () {
      var place = Number(button.dataset.place);
      if (!shapes[place]) return;
      choose(place, true);
      document.getElementById("map-section").scrollIntoView();
    });
  });
  window.civexMap = map;
})();
