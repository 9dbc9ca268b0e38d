//! Nouns: plain data, which the stages of an assessment hand to each other.

pub mod band;
pub mod burden;
pub mod dimension;
pub mod scheme;
pub mod taxonomy;
