//! The memory that a run may use.

/// How much memory a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In bytes.
    pub bytes: u64,
}

impl Budget {
    /// As much as there is.
    pub const UNLIMITED: Self = Self { bytes: u64::MAX };

    /// What decoded blocks of rasters may take together: a quarter, 128 MiB at most, since each is read
    /// once.
    #[must_use]
    pub const fn cache_bytes(self) -> u64 {
        const MOST: u64 = 128 << 20;
        let quarter = self.bytes / 4;
        if quarter < MOST { quarter } else { MOST }
    }

    /// What is left when so much is in use.
    #[must_use]
    pub const fn less(self, bytes: u64) -> Self {
        Self { bytes: self.bytes.saturating_sub(bytes) }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::UNLIMITED
    }
}
