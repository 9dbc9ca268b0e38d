//! Pieces and the whole are the same, plain features and others too, and faults are told where they are.

use super::*;
use crate::read::features::Drawn;
use proptest::prelude::*;

/// All that is read of a text, in pieces of so many bytes and features at most.
fn read(text: &str, most: (u64, u64)) -> Result<String, String> {
    let read = in_pieces(text.as_bytes(), most).map_err(|error| error.to_string())?;
    let rows = read.rows.iter().map(shown).collect::<Vec<_>>().join("\n");
    Ok(format!(
        "{} {}\n{rows}",
        read.reference.map_or("none".into(), |it| it.name().to_string()),
        read.is_assessment
    ))
}

fn shown(feature: &Feature) -> String {
    let properties = Value::Object(feature.properties.clone());
    let drawn = match &feature.drawn {
        Drawn::Shape(geometry) => format!("{geometry:?}"),
        Drawn::Nothing => "nothing".into(),
        Drawn::Unreadable(why) => why.clone(),
    };
    format!("{:?} {properties} {drawn}", feature.id)
}

/// Numbers in every way that JSON has to write them, and in some that it has not.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-180_000_000_i64..180_000_000).prop_map(|count| (count as f64 / 1e6).to_string()),
        any::<f64>()
            .prop_filter("JSON has no others", |x| x.is_finite())
            .prop_map(|x| x.to_string()),
        any::<f64>()
            .prop_filter("JSON has no others", |x| x.is_finite())
            .prop_map(|x| format!("{x:e}")),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?",
        prop::sample::select(vec![
            "-0",
            "-0.0",
            "9007199254740993",
            "18446744073709551616",
            "1e999",
            "01",
            "1.",
            "+1",
            ".5",
            "1e",
            "-"
        ])
        .prop_map(str::to_string),
    ]
}

fn feature_text() -> impl Strategy<Value = String> {
    let ring = prop::collection::vec((number(), number()), 0..5).prop_map(|points| {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("[{x}, {y}]")).collect();
        format!("[[{}]]", points.join(","))
    });
    let properties = prop::sample::select(vec![
        "null",
        "{}",
        r#"{"id":"a}\"]{[","b":[1,{"c":"\\"}]}"#,
        "{\"ü\":1e400}",
        r#"{"a":"\ud800"}"#,
        "7",
    ]);
    let odd = prop::sample::select(vec![
        "7",
        "null",
        "[[1],\"]\"]",
        "\"x,y\"",
        "{}",
        "{\"id\":1,\"id\":2}",
    ]);
    let kind = prop::sample::select(vec!["Polygon", "LineString", "Point", "Nothing"]);
    prop_oneof![
        8 => (ring, properties, kind, any::<[bool; 3]>()).prop_map(|(ring, properties, kind, [a, b, c])| {
            let kind = format!("\"type\":\"{kind}\"");
            let ring = format!("\"coordinates\" : {ring}");
            let inside = if a { format!("{kind},{ring}") } else { format!("{ring},{kind}") };
            let geometry = format!("\"geometry\":{{{inside}}}");
            let properties = format!("\"properties\":\t{properties}");
            let both = if b { format!("{geometry},{properties}") } else { format!("{properties} , {geometry}") };
            if c { format!("{{\"type\":\"Feature\",{both},\"id\":3}}") } else { format!("{{ {both} }}") }
        }),
        1 => odd.prop_map(str::to_string),
    ]
}

fn collection_text() -> impl Strategy<Value = String> {
    let around = prop::sample::select(vec![
        (r#"{"type":"FeatureCollection","features":["#, "]}"),
        (
            "\u{feff}{\"crs\":null,\n\"features\" : [\n",
            "\n], \"type\":\"FeatureCollection\",\"civex\":{\"features\":[1]}}\n",
        ),
        (
            r#"{"features":["#,
            r#"],"crs":{"type":"name","properties":{"name":"EPSG:3857"}},"type":"FeatureCollection"}"#,
        ),
    ]);
    (around, prop::collection::vec(feature_text(), 0..8)).prop_map(
        |((before, behind), features)| format!("{before}{}{behind}", features.join(",\n")),
    )
}

/// What serde says of a whole text, if it is no JSON.
fn fault(text: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = serde_json::from_str::<Members>(text).err()?;
    Some(error.to_string())
}

proptest! {
    #[test]
    fn pieces_of_any_size_are_the_whole(text in collection_text(), bytes in 1..300_u64, features in 1..5_u64) {
        let whole = read(&text, (u64::MAX, u64::MAX));
        prop_assert_eq!(&read(&text, (bytes, features)), &whole);
        prop_assert_eq!(whole.is_err(), fault(&text).is_some(), "{:?} {:?}", whole, fault(&text));
    }

    #[test]
    fn what_is_plain_is_read_as_all_else_is(text in feature_text()) {
        if let Some((read, end)) = plain::Cursor::new(&text).feature_at(0) {
            prop_assert_eq!(end, text.len());
            prop_assert_eq!(shown(&read), shown(&feature::feature(&text, feature::WGS84)));
        }
    }

    #[test]
    fn a_text_that_is_cut_or_changed_is_told_where_serde_finds_it(
        text in collection_text(), at in 0.0..1.0_f64, byte in prop::sample::select(b"{}[]\",:1x \\\n".to_vec()),
    ) {
        let place = (at * text.len() as f64) as usize;
        let mut changed = text.clone().into_bytes();
        changed[place] = byte;
        for bytes in [&text.as_bytes()[..place], &changed] {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            let trimmed = text.trim_start_matches('\u{feff}');
            if !trimmed.trim_start().starts_with('{') {
                continue;
            }
            let Some(error) = fault(text) else { continue };
            let told = read(text, (1, 1)).err();
            prop_assert!(told.is_some(), "{}", error);
            // What is cut off is told in other words, and what is no collection is told first.
            if let Some(told) = told.as_deref().and_then(|told| told.strip_prefix("text: not GeoJSON: "))
                && told.contains(" at line ")
            {
                prop_assert_eq!(told, sentence(&error));
            }
        }
    }
}

#[test]
fn a_text_of_many_pieces_has_one_place_of_its_fault() {
    let sound = "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}";
    let mut lines = vec![sound; 50];
    lines[30] = "{\"type\":\"Feature\",\"properties\":{]},\"geometry\":null}";
    let text =
        format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", lines.join(",\n"));
    for most in [(1, 1), (200, 3), (u64::MAX, u64::MAX)] {
        let told = read(&text, most).unwrap_err();
        assert!(told.ends_with("at line 32 column 33"), "{told}");
    }
}
