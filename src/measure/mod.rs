//! The earth, not the domain: surfaces on the ellipsoid.

pub mod ellipsoid;
