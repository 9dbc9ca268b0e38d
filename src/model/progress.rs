//! Progress: how long work goes on.

/// Told how the work goes on; counts work, not features.
pub trait Progress: Sync {
    /// A stage begins, with so much work.
    fn stage(&self, name: &'static str, work: u64);
    /// So much of it is done.
    fn advance(&self, work: u64);
}

/// Nobody listens.
impl Progress for () {
    fn stage(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
}
