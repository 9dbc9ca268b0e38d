//! What an area is called where people read of it: by its name, with its id where two share the name.

use std::fmt;

/// An area as people know it; programs know it by its id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Called {
    /// Its id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether another area may have the same name.
    pub is_shared: bool,
}

impl Called {
    /// Takes over name and sharing, and keeps the id.
    pub fn name_as(&mut self, other: &Self) {
        self.name.clone_from(&other.name);
        self.is_shared = other.is_shared;
    }

    /// With its place in its file: `"Old town" (feature 3)`, `"Old town" (A-7, feature 3)`, `area "A-7" (feature 3)`.
    pub(super) fn at_feature(&self, feature: usize) -> String {
        match (&self.name, self.is_shared) {
            (Some(name), true) if *name != self.id => {
                format!("\"{name}\" ({}, feature {feature})", self.id)
            }
            _ => format!("{self} (feature {feature})"),
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) if self.is_shared && *name != self.id => {
                write!(f, "\"{name}\" ({})", self.id)
            }
            Some(name) => write!(f, "\"{name}\""),
            None => write!(f, "area \"{}\"", self.id),
        }
    }
}

impl From<&str> for Called {
    fn from(id: &str) -> Self {
        Self { id: id.to_string(), ..Self::default() }
    }
}

impl From<&String> for Called {
    fn from(id: &String) -> Self {
        id.as_str().into()
    }
}

impl From<String> for Called {
    fn from(id: String) -> Self {
        Self { id, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_before_an_id() {
        let mut called = Called::from("2");
        assert_eq!(called.to_string(), "area \"2\"");
        called.name = Some("Old town".into());
        assert_eq!(called.at_feature(3), "\"Old town\" (feature 3)");
        called.is_shared = true;
        assert_eq!(called.to_string(), "\"Old town\" (2)");
        assert_eq!(called.at_feature(3), "\"Old town\" (2, feature 3)");
    }
}
