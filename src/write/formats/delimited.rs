//! CSV: the columns without geometry, for spreadsheets; unknown is empty.

use super::columns::{Layer, text_of};
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
    table.write_record(layer.columns.iter().map(|column| &column.name))?;
    if with_hxl {
        table.write_record(layer.columns.iter().map(|column| match column.about {
            Some(_) => tag(&column.name),
            None => String::new(),
        }))?;
    }
    layer.records.each(&mut |record| {
        let cell = |name: &String| record.properties.get(name).unwrap_or(&Value::Null);
        let cells = layer.columns.iter().map(|column| text_of(cell(&column.name)));
        table.write_record(cells.map(Option::unwrap_or_default))?;
        Ok(())
    })?;
    table.flush()
}

/// The HXL hashtag of a column of an assessment.
fn tag(column: &str) -> String {
    let words = |name: &str| name.replace('_', "+");
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
            Some(("pop", what)) => format!("#population+{}", words(what)),
            Some(("children", bound)) => format!("#population+children+{bound}"),
            Some(("women", rest)) => format!("#population+f+{}", words(rest)),
            Some(("older", rest)) => format!("#population+elderly+age{}", words(rest)),
            Some(("displaced", bound)) => format!("#population+displaced+{bound}"),
            Some(("disabled", bound)) => format!("#population+disabled+{bound}"),
            Some(("vulnerable" | "dependants" | "person", _)) => {
                format!("#affected+{}", words(column))
            }
            _ => format!("#indicator+{}", words(column)),
        },
    }
}
