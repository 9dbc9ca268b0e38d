//! A number of a scenario, or a list of numbers: keys that mostly hold one and may hold several.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// One number or several, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Values(pub Vec<f64>);

/// Reads them.
struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Values, E> {
        Ok(Values(vec![value]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Values, E> {
        Ok(Values(vec![value as f64]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Values, E> {
        Ok(Values(vec![value as f64]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Values(values))
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Values {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Values".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["number", "array"], "items": {"type": "number"}})
    }
}
