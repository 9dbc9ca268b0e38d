//! Supply links: what one site gives to another.

use std::sync::Arc;

/// A site feeds another, both by their places in [`Sites::sites`](super::Sites::sites).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The site that feeds.
    pub from: usize,
    /// The site that is fed.
    pub to: usize,
    /// θ: how much of what it gives stands still without, 0..=1.
    pub theta: f64,
    /// Whether somebody told of it who does not share it.
    pub is_restricted: bool,
}

/// A site by its id, and its source if it is named.
pub type SiteName = (String, Option<String>);

/// A supply link as a row of a file tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldLink {
    /// The file, as written.
    pub file: Arc<str>,
    /// Its place there, from 1.
    pub row: usize,
    /// The two sites and θ, or what is wrong with the row.
    pub link: Result<(SiteName, SiteName, f64), String>,
}
