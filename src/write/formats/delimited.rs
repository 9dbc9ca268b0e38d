//! CSV: the columns without geometry, for spreadsheets; unknown is empty, and no text is run by them.

use super::columns::{Layer, text_of};
use crate::model::cells::quoted;
use serde_json::Value;
use std::io::{self, Write};

/// Writes a layer as CSV; with a row of HXL hashtags under the heads if it is asked.
///
/// # Source
///
/// RFC 4180; HXL 1.1, <https://hxlstandard.org/standard/1-1final/>.
///
/// # Errors
///
/// What the writer returns.
pub fn csv(layer: &Layer, with_hxl: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(layer.columns.iter().map(|column| quoted(&column.name).into_owned()))?;
    if with_hxl {
        table.write_record(layer.columns.iter().map(|column| match column.about {
            Some(_) => tag(&column.name),
            None => String::new(),
        }))?;
    }
    layer.records.each(&mut |record| {
        let cell = |name: &String| record.properties.get(name).unwrap_or(&Value::Null);
        let text = |value: &Value| match value {
            Value::String(text) => quoted(text).into_owned(),
            other => text_of(other).unwrap_or_default(),
        };
        table.write_record(layer.columns.iter().map(|column| text(cell(&column.name))))?;
        Ok(())
    })?;
    table.flush()
}

/// A name as attributes of a hashtag, each of which begins with a letter.
fn attributes(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('_') {
        let is_attribute = word.starts_with(|letter: char| letter.is_ascii_alphabetic());
        out.push_str(match (out.is_empty(), is_attribute) {
            (true, _) => "",
            (false, true) => "+",
            (false, false) => "_",
        });
        out.push_str(word);
    }
    out
}

/// The HXL hashtag of a column of an assessment.
fn tag(column: &str) -> String {
    match column {
        "area_id" => "#loc+id".into(),
        "name" => "#loc+name".into(),
        "coa" => "#activity+option".into(),
        "phase" => "#activity+phase".into(),
        "start" | "end" => format!("#date+{column}"),
        "status" => "#status".into(),
        "reason" => "#description+reason".into(),
        "flags" => "#meta+flags".into(),
        "area_km2" => "#loc+area+km2".into(),
        "missing_share" => "#indicator+missing+share".into(),
        _ => match column.split_once('_') {
            Some(("pop", what)) => format!("#population+{}", attributes(what)),
            Some(("children", bound)) => format!("#population+children+{bound}"),
            Some(("women", rest)) if rest.starts_with(|letter: char| letter.is_ascii_digit()) => {
                format!("#population+f+age_{}", attributes(rest))
            }
            Some(("women", rest)) => format!("#population+f+{}", attributes(rest)),
            Some(("older", rest)) => format!("#population+elderly+age_{}", attributes(rest)),
            Some(("displaced", bound)) => format!("#population+displaced+{bound}"),
            Some(("disabled", bound)) => format!("#population+disabled+{bound}"),
            Some(("vulnerable" | "dependants" | "person", _)) => {
                format!("#affected+{}", attributes(column))
            }
            _ => format!("#indicator+{}", attributes(column)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Group;
    use crate::model::columns::{Layout, names};

    #[test]
    fn every_column_has_a_hashtag_of_its_own_by_the_grammar() {
        let (rings_m, groups) = (vec![500, 2500], Group::ALL.to_vec());
        let layout = Layout { rings_m, groups, has_sites: true };
        let tags: Vec<String> = names(&layout).iter().map(|name| tag(name)).collect();
        for tag in &tags {
            let mut words = tag.strip_prefix('#').unwrap().split('+');
            let is_word = |word: &str| {
                word.starts_with(|letter: char| letter.is_ascii_alphabetic())
                    && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            };
            assert!(words.all(is_word), "{tag}");
        }
        let once: std::collections::BTreeSet<&String> = tags.iter().collect();
        assert_eq!(once.len(), tags.len());
        assert_eq!(tag("women_girls_low"), "#population+f+girls+low");
        assert_eq!(tag("women_15_49_low"), "#population+f+age_15_49+low");
        assert!(tags.iter().any(|tag| tag.contains("+ring_500m")), "{tags:?}");
    }
}
