//! The page of an assessment: what it holds, and what it does in a browser.

use crate::browser::Browser;
use crate::scene::{PLAN, Scene, area, collection, feature, parts, point, polygon};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A4 and Letter in inches, and what the margins leave of their widths in dots.
const PAPERS: [([f64; 2], u32); 2] = [([8.27, 11.69], 703), ([8.5, 11.0], 725)];

/// The page of the demo.
fn demo(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = |args: &[&str]| {
        let mut command = Command::cargo_bin("civex").unwrap();
        command.current_dir(root).args(args).args(["--no-cache", "--quiet"]).assert().success();
    };
    let (made, page) = (folder.join("a.geojson"), folder.join("a.html"));
    let (made, page_path) = (made.to_str().unwrap(), page.to_str().unwrap());
    run(&["assess", "data/iceland/scenario.toml", "-o", made]);
    run(&["report", made, "--inputs", "data/iceland", "-o", page_path]);
    page
}

/// Where the middle of something is in the window.
fn middle(browser: &mut Browser, of: &str) -> [f64; 2] {
    let box_of = format!(
        "(async () => {{ const node = {of}; node.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
         for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame); \
         const box = node.getBoundingClientRect(); \
         return [box.left + box.width / 2, box.top + box.height / 2]; }})()"
    );
    let at = browser.tell(&box_of);
    [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()]
}

/// How many dots of a part of a picture have which color.
fn colors(picture: &[u8], [left, top, right, bottom]: [f64; 4]) -> Vec<([u8; 3], usize)> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut dots).unwrap();
    let (width, step) = (info.width as usize, info.color_type.samples());
    let mut counts = std::collections::BTreeMap::new();
    for y in top as usize..(bottom as usize).min(info.height as usize) {
        for x in left as usize..(right as usize).min(width) {
            let at = (y * width + x) * step;
            let color: [u8; 3] = dots[at..at + 3].try_into().unwrap();
            *counts.entry(color).or_insert(0) += 1;
        }
    }
    counts.into_iter().collect()
}

/// Asks how many of some ids are seen, and how many of them lie on another.
fn tangled(ids: &str) -> String {
    format!(
        "(() => {{ const boxes = [...document.querySelectorAll('{ids}')] \
         .filter(id => id.style.visibility !== 'hidden').map(id => id.getBoundingClientRect()); \
         const lies = (a, b) => a !== b && a.left < b.right - 1 && b.left < a.right - 1 \
         && a.top < b.bottom - 1 && b.top < a.bottom - 1; \
         return [boxes.length, boxes.filter(a => boxes.some(b => lies(a, b))).length]; }})()"
    )
}

#[test]
fn the_page_of_the_demo_works_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let page = demo(folder.path());
    assert!(std::fs::metadata(&page).unwrap().len() < 3_000_000);
    let mut browser = Browser::open(&page, [1280, 900], "light");
    browser.wait("document.querySelectorAll('#map path.area').length === 14");
    assert_eq!(browser.tell("document.querySelectorAll('#map img.people-layer').length"), 1);
    assert_eq!(browser.tell("document.getElementById('still').offsetWidth"), 1);
    // The map is drawn: ground, people, areas and sites.
    middle(&mut browser, "document.getElementById('map')");
    let bounds = browser.tell(
        "(() => { const b = document.getElementById('map').getBoundingClientRect(); \
         return [b.left, b.top, b.right, b.bottom]; })()",
    );
    let bounds = [0, 1, 2, 3].map(|side| bounds[side].as_f64().unwrap());
    let seen = colors(&browser.picture(), bounds);
    let count = |color: [u8; 3]| {
        seen.iter().find(|(other, _)| *other == color).map_or(0, |(_, count)| *count)
    };
    assert!(seen.len() > 200, "{} colors", seen.len());
    assert!(count([0xf4, 0xf2, 0xec]) > 10_000, "the ground");
    assert!(count([0xb9, 0xc9, 0xb4]) > 1_000, "people in blocks of 50 to 199");
    assert!(count([0x08, 0x30, 0x6b]) > 100, "sites of tier 1");
    // Every id can be read.
    assert_eq!(browser.tell(&tangled("#map .map-label")), json!([14, 0]));
    // A click on an area opens its card and marks its row.
    let at = middle(&mut browser, "document.querySelectorAll('#map path.area')[9]");
    browser.click(at);
    browser.wait("document.querySelector('#card h3')?.textContent === 'B/3-relief/B-5'");
    assert_eq!(browser.tell("document.querySelector('tr.chosen').id"), "row-9");
    let card = browser.tell("document.getElementById('card').innerText");
    let card = card.as_str().unwrap();
    assert!(card.contains("6,895 (4,596–≥ 10,485)") && card.contains("16.6 %"), "{card}");
    // So do a key on an area, and a button of the table.
    browser.tell("document.querySelectorAll('#map path.area')[0].focus()");
    browser.press("Enter", 13);
    browser.wait("document.querySelector('#card h3').textContent === 'A/1-cordon/A-1'");
    browser.tell("document.querySelectorAll('.pick')[13].click()");
    browser.wait("document.querySelector('#card h3').textContent === 'C/3-relief/C-4'");
    // Keys move the map and zoom.
    let before = browser.tell("civexMap.getZoom()").as_f64().unwrap();
    browser.tell("document.getElementById('map').focus()");
    browser.press("-", 189);
    browser.wait(&format!("civexMap.getZoom() < {before}"));
    let west = browser.tell("civexMap.getCenter().lng").as_f64().unwrap();
    browser.press("ArrowRight", 39);
    browser.wait(&format!("civexMap.getCenter().lng > {west}"));
    // Layers are switched.
    let sites = "document.querySelectorAll('#map .leaflet-sites-pane path').length";
    assert!(browser.tell(sites).as_u64().unwrap() > 150);
    browser.tell(
        "document.querySelectorAll('.leaflet-control-layers-selector').forEach(box => { \
         if (box.parentNode.textContent.includes('tier')) box.click(); })",
    );
    browser.wait(&format!("{sites} === 0"));
    assert_eq!(browser.faults(), Vec::<String>::new());
}

#[test]
fn the_page_fits_on_paper_and_on_a_small_screen() {
    let folder = tempfile::tempdir().unwrap();
    let page = demo(folder.path());
    let mut browser = Browser::open(&page, [390, 844], "dark");
    browser.wait("document.querySelectorAll('#map path.area').length === 14");
    assert_eq!(browser.tell("document.documentElement.scrollWidth"), 390);
    let paper = browser.tell("getComputedStyle(document.body).backgroundColor");
    assert_eq!(paper, "rgb(21, 24, 27)", "dark where dark is wished");
    for (size, width) in PAPERS {
        browser.size([width, 1000]);
        browser.medium("print", "light");
        let cut = browser.tell(&format!(
            "[...document.querySelectorAll('table, #still svg')].filter(one => \
             one.getBoundingClientRect().right > {width} + 0.5).map(one => one.innerText?.slice(0, 60))"
        ));
        assert_eq!(cut, json!([]), "cut at {width} dots");
        assert!(
            browser.tell("document.getElementById('still').offsetHeight").as_u64().unwrap() > 200
        );
        assert_eq!(browser.tell("document.getElementById('map').offsetHeight"), 0);
        assert_eq!(browser.tell(&tangled("#still .label")), json!([14, 0]), "at {width} dots");
        let pdf = browser.print(size);
        let pages = pdf.windows(11).filter(|of| of.starts_with(b"/Type /Page")).count();
        assert!(pdf.starts_with(b"%PDF") && pages > 5, "{pages} pages");
    }
    assert_eq!(browser.faults(), Vec::<String>::new());
}

/// Two areas, one beyond the raster in part, with names that look like markup.
fn hostile() -> Scene {
    let scene = Scene::usual();
    let script = "</script><script>window.caught = 1</script>";
    let areas = [
        feature(
            &polygon(&[[20.02, 49.92, 20.05, 49.95]]),
            &json!({"id": script, "name": "<img src=x onerror=window.caught=2>"}),
        ),
        feature(
            &polygon(&[[20.08, 49.92, 20.13, 49.95]]),
            &json!({"id": "2", "name": "{{ 7 * 7 }}"}),
        ),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let sites = [
        point(
            [20.03, 49.93],
            &json!({"id": "<script>window.caught=3</script>", "name": "<b>x", "class": "school", "confidence": 0.9}),
        ),
        point(
            [20.031, 49.931],
            &json!({"id": "hidden-one", "class": "safe_house", "confidence": 0.9}),
        ),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    let plan = PLAN.replace("[areas]", "[areas]\nrings_m = [500, 2000]");
    scene.write("plan.toml", format!("{plan}[[sites]]\npath = \"sites.geojson\"\n"));
    let ran = scene.run("assess plan.toml -o out.geojson --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = scene.run("report out.geojson -o out.html --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    scene
}

#[test]
fn what_looks_like_markup_is_text() {
    let scene = hostile();
    let mut browser = Browser::open(&scene.path("out.html"), [1000, 800], "light");
    browser.wait("document.querySelectorAll('#map path.area').length === 2");
    browser.tell("document.querySelectorAll('.pick')[0].click()");
    let head = browser.tell("document.querySelector('#card h3').textContent");
    assert_eq!(head, "</script><script>window.caught = 1</script>");
    let at = middle(&mut browser, "document.querySelector('#map .leaflet-sites-pane path')");
    browser.click(at);
    let shown = browser.tell("document.body.innerText");
    let shown = shown.as_str().unwrap();
    for text in [
        "<img src=x onerror=window.caught=2>",
        "{{ 7 * 7 }}",
        "<script>window.caught=3</script>",
        "<b>x",
    ] {
        assert!(shown.contains(text), "{text}");
    }
    assert_eq!(browser.tell("window.caught"), Value::Null);
    assert_eq!(browser.faults(), Vec::<String>::new());
}

#[test]
fn what_must_not_be_told_is_not_on_the_page() {
    let scene = hostile();
    let page = String::from_utf8(scene.read("out.html")).unwrap();
    assert!(!page.contains("hidden-one") && page.contains("safe house"));
    assert!(!page.contains("trafficking in human beings"));
    assert!(page.contains("PROTECTIVE USE"));
    let ran = scene.run("report out.geojson -o - --quiet --full-precision");
    assert!(ran.out.contains("hidden-one") && ran.out.contains("trafficking in human beings"));
}

#[test]
fn rings_and_ground_without_data_are_drawn() {
    let scene = hostile();
    let mut browser = Browser::open(&scene.path("out.html"), [1000, 800], "light");
    browser.wait("document.querySelectorAll('#map path.area').length === 2");
    let rings = browser.tell("document.querySelectorAll('#map .leaflet-rings-pane path').length");
    assert_eq!(rings, 5, "two rings around each of two areas, and the edge of the raster");
    let hatched = "[...document.querySelectorAll('#map path')].filter(one => \
                   one.getAttribute('fill') === 'url(#hatch)').length";
    assert_eq!(browser.tell(hatched), 1);
}

#[test]
fn areas_on_both_sides_of_180_lie_beside_each_other() {
    let scene = Scene::empty();
    for (name, west) in [("plain.tif", -180.0), ("beyond.tif", 178.0)] {
        let (cols, count) = if west < 0.0 { (3600, 36_000) } else { (40, 400) };
        let mut raster = scene.raster(name, cols, &vec![50.0_f32; count]);
        raster.set_geo_transform(&[west, 0.1, 0.0, -16.0, 0.0, -0.1]).unwrap();
        drop(raster);
        let both_sides = parts(&[[179.6, -16.6, 180.0, -16.4], [-180.0, -16.6, -179.7, -16.4]]);
        let areas = [
            feature(&both_sides, &json!({"id": "fiji/1"})),
            area("east", &[[-179.5, -16.9, -179.4, -16.7]]),
        ];
        scene.write("areas.geojson", collection(&areas).to_string());
        let school = json!({"id": "S", "class": "school", "confidence": 0.9});
        scene.write("sites.geojson", collection(&[point([-179.8, -16.5], &school)]).to_string());
        let plan = PLAN.replace("pop.tif", name).replace("[areas]", "[areas]\nrings_m = [5000]");
        scene.write("plan.toml", format!("{plan}[[sites]]\npath = \"sites.geojson\"\n"));
        assert_eq!(scene.run("assess plan.toml -o out.geojson --quiet").code, 0);
        assert_eq!(scene.run("report out.geojson -o out.html --quiet").code, 0);
        let mut browser = Browser::open(&scene.path("out.html"), [1000, 800], "light");
        browser.wait("document.querySelectorAll('#map path.area').length === 2");
        let asked =
            "(() => { const of = civexMap.getBounds(); return [of.getWest(), of.getEast()]; })()";
        let seen = browser.tell(asked);
        let [west, east] = [0, 1].map(|end| seen[end].as_f64().unwrap());
        assert!(west > 178.0 && east < 182.0, "{name}: {west} to {east}");
        // The people, the site, the rings and the edge of a raster that is near are where the areas are.
        let within = |of: &str| {
            format!(
                "(() => {{ const map = document.getElementById('map').getBoundingClientRect(); \
                 return [...document.querySelectorAll('#map {of}')].filter(node => {{ \
                 const box = node.getBoundingClientRect(); \
                 return box.right > map.left && box.left < map.right && box.bottom > map.top \
                 && box.top < map.bottom; }}).length; }})()"
            )
        };
        for (of, wanted) in
            [("path.area", 2), (".people-layer", 1), (".leaflet-sites-pane path", 1)]
        {
            assert_eq!(browser.tell(&within(of)), wanted, "{name}: {of}");
        }
        // What meets at ±180 has no border there.
        let outline = "JSON.parse(document.getElementById('data').textContent).areas[0].at";
        let outline = browser.tell(outline);
        assert_eq!(outline.as_array().unwrap().len(), 1, "{name}: {outline}");
        // Ids are texts, whatever is in them.
        let labels =
            "[...document.querySelectorAll('#map .map-label')].map(node => node.textContent)";
        assert_eq!(browser.tell(labels), json!(["fiji/1", "east"]));
        let meridians =
            "[...document.querySelectorAll('#map-section svg text')].map(node => node.textContent)";
        let meridians = browser.tell(meridians).to_string();
        assert!(meridians.contains("° W") && meridians.contains("° E"), "{meridians}");
        assert_eq!(browser.faults(), Vec::<String>::new());
    }
}

#[test]
fn very_much_is_drawn_as_far_as_it_can_be_told() {
    let scene = Scene::usual();
    // All lie beyond the raster.
    let areas: Vec<Value> = (0..401)
        .map(|place| {
            let (x, y) = (f64::from(place % 21), f64::from(place / 21));
            let [west, south] = [20.5 + 0.01 * x, 49.5 + 0.01 * y];
            area(&place.to_string(), &[[west, south, west + 0.008, south + 0.008]])
        })
        .collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    let sites: Vec<Value> = (0..20_003)
        .map(|place| {
            let at =
                [20.5005 + 0.000_3 * f64::from(place % 20), 49.5005 + 7e-6 * f64::from(place / 20)];
            let class = if place >= 20_000 { "hospital" } else { "school" };
            point(at, &json!({"id": format!("{place:05}"), "class": class, "confidence": 0.9}))
        })
        .collect();
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    let ran = scene.run("assess plan.toml -o out.geojson --quiet --no-merge");
    assert!(ran.code < 2, "{}", ran.err);
    let ran = scene.run("report out.geojson -o out.html --quiet");
    assert!(ran.code < 2, "{}", ran.err);
    let page = String::from_utf8(scene.read("out.html")).unwrap();
    assert!(page.contains("20,000 sites are drawn, 3 of the last tiers are not"));
    let mut browser = Browser::open(&scene.path("out.html"), [1000, 800], "light");
    let hatched = "document.querySelectorAll('#map path[fill=\"url(#hatch)\"]').length === 401";
    browser.wait(hatched);
    let of_tiers = "[1, 2].map(tier => JSON.parse(document.getElementById('data').textContent)\
                    .sites.filter(site => site.tier === tier).length)";
    assert_eq!(browser.tell(of_tiers), json!([3, 19_997]));
}

#[test]
fn problems_of_inputs_stand_before_what_follows_from_them() {
    let scene = Scene::usual();
    let swapped = point([49.93, 20.03], &json!({"id": "S", "class": "school"}));
    scene.write("sites.geojson", collection(&[swapped]).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    assert_eq!(scene.run("assess plan.toml -o out.geojson --quiet").code, 1);
    assert_eq!(scene.run("report out.geojson -o out.html --quiet").code, 1);
    let page = String::from_utf8(scene.read("out.html")).unwrap();
    let told = page.find("no site of layer &quot;sites&quot; lies near any area").unwrap();
    assert!(told < page.find("class=\"lead\"").unwrap());
    assert!(
        !String::from_utf8(hostile().read("out.html")).unwrap().contains("Problems of the inputs")
    );
}

#[test]
fn one_page_of_one_assessment_is_the_same_to_the_byte() {
    let scene = hostile();
    let first = scene.run("report out.geojson -o - --quiet --threads 1").out;
    assert_eq!(first, scene.run("report out.geojson -o - --quiet --threads 2").out);
}

#[test]
fn without_sites_and_options_there_is_a_page_too() {
    let scene = Scene::usual();
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.02, 49.92, 20.05, 49.95]])]).to_string(),
    );
    assert_eq!(scene.run("assess plan.toml -o out.geojson --quiet").code, 0);
    let ran = scene.run("report out.geojson -o out.html --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut browser = Browser::open(&scene.path("out.html"), [1000, 800], "light");
    browser.wait("document.querySelectorAll('#map path.area').length === 1");
    let lead = browser.tell("document.querySelector('.lead').textContent");
    let lead = lead.as_str().unwrap();
    assert!(lead.starts_with("1 area on 7.2 km²: 90 people (60–135)"), "{lead}");
    assert_eq!(browser.faults(), Vec::<String>::new());
}

#[test]
fn what_no_page_is_made_of_is_refused() {
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml -o out.geojson --quiet").code, 0);
    let square = polygon(&[[20.02, 49.92, 20.05, 49.95]]);
    let two = [1, 2].map(|id| feature(&square, &json!({"id": id})).to_string());
    scene.write("two.geojsonl", two.join("\n"));
    let ran = scene.run("assess plan.toml --areas two.geojsonl -o lines.geojsonl --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let refused = [
        (
            "report out.geojson -o out.pdf",
            "error: out.pdf: not written: no ending of a page, which is .html",
        ),
        ("report areas.geojson -o out.html", "error: areas.geojson: no assessment: "),
        ("report plan.toml -o out.html", "error: plan.toml: it is no assessment in GeoJSON"),
        (
            "report lines.geojsonl -o out.html",
            "error: lines.geojsonl: no assessment: one object is wanted, it has one a line",
        ),
        ("report none.geojson -o out.html", "error: none.geojson: "),
    ];
    for (typed, said) in refused {
        let ran = scene.run(typed);
        assert_eq!(ran.code, 2, "{typed}");
        assert!(ran.said().starts_with(said), "{typed}: {}", ran.err);
    }
    scene.raster("pop.tif", 10, &[11.0_f32; 100]);
    let ran = scene.run("report out.geojson -o out.html");
    assert!(ran.code == 2 && ran.said().contains("pop.tif"), "{}", ran.err);
    assert!(!scene.has("out.html") && !scene.has("out.pdf"));
}
