//! Which rasters tell of people: sources by day and by night, and groups of people.

use super::Group;

/// What a scenario declares of people; rasters are named by their place in the list of sources.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct People {
    /// The sources; entries of one name for different times are one.
    pub layers: Vec<PeopleLayer>,
    /// Which of them is the primary.
    pub primary: usize,
    /// The groups, in the order of [`Group::ALL`].
    pub groups: Vec<GroupSource>,
}

/// One declared source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleLayer {
    /// Its name.
    pub name: String,
    /// The raster of no particular time.
    pub any: Option<usize>,
    /// The raster of the day.
    pub day: Option<usize>,
    /// The raster of the night.
    pub night: Option<usize>,
}

/// Which rasters of a source count at some hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mix {
    /// One alone.
    One(usize),
    /// That of the day for this share, that of the night for the rest.
    Both {
        /// The raster of the day.
        day: usize,
        /// The raster of the night.
        night: usize,
        /// σ: the share of the hours that is day, 0..=1.
        by_day: f64,
    },
    /// The one of the two that has more people.
    Larger(usize, usize),
}

/// Where the people of a group are taken from.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSource {
    /// The group.
    pub group: Group,
    /// How it is told.
    pub told: GroupTold,
}

/// How a group is told.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupTold {
    /// As a share of all people, 0..=1.
    Share(f64),
    /// By rasters, each with the share of its people that counts.
    Rasters(Vec<(usize, f64)>),
}

impl People {
    /// One source for all times, and no groups.
    #[must_use]
    pub fn of_one(source: usize) -> Self {
        Self { layers: vec![PeopleLayer::of_any(source)], primary: 0, groups: Vec::new() }
    }

    /// The rasters of all people, without those of groups.
    pub fn sources(&self) -> impl Iterator<Item = usize> {
        self.layers.iter().flat_map(|layer| [layer.any, layer.day, layer.night]).flatten()
    }

    /// The raster where people live: the primary source's of no particular time, else by night, else by day.
    #[must_use]
    pub fn residents(&self) -> usize {
        let layer = self.layers.get(self.primary);
        layer.and_then(|layer| layer.any.or(layer.night).or(layer.day)).unwrap_or(0)
    }
}

impl PeopleLayer {
    /// One raster of no particular time.
    #[must_use]
    pub fn of_any(source: usize) -> Self {
        Self { any: Some(source), ..Self::default() }
    }

    /// Which rasters count at some hours, given the share of them that is day; without hours that of no
    /// particular time, else the larger of day and night.
    ///
    /// # Source
    ///
    /// METHOD §4.
    #[must_use]
    pub fn mix(&self, by_day: Option<f64>) -> Option<Mix> {
        let one = self.any.or(self.day).or(self.night).map(Mix::One);
        match (self.day.zip(self.night), by_day) {
            (Some((day, _)), Some(share)) if share >= 1.0 => Some(Mix::One(day)),
            (Some((_, night)), Some(share)) if share <= 0.0 => Some(Mix::One(night)),
            (Some((day, night)), Some(by_day)) => Some(Mix::Both { day, night, by_day }),
            (Some((day, night)), None) if self.any.is_none() => Some(Mix::Larger(day, night)),
            _ => one,
        }
    }
}

impl Mix {
    /// The rasters that it looks at.
    #[must_use]
    pub fn sources(self) -> Vec<usize> {
        match self {
            Self::One(source) => vec![source],
            Self::Both { day, night, .. } => vec![day, night],
            Self::Larger(one, two) => vec![one, two],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_and_night_are_mixed_by_the_hours() {
        let layer = PeopleLayer { day: Some(1), night: Some(2), ..PeopleLayer::default() };
        assert_eq!(layer.mix(Some(1.0)), Some(Mix::One(1)));
        assert_eq!(layer.mix(Some(0.0)), Some(Mix::One(2)));
        assert_eq!(layer.mix(Some(0.25)), Some(Mix::Both { day: 1, night: 2, by_day: 0.25 }));
        assert_eq!(layer.mix(None), Some(Mix::Larger(1, 2)));
        let all = PeopleLayer { any: Some(0), ..layer };
        assert_eq!(all.mix(None), Some(Mix::One(0)));
        assert_eq!(all.mix(Some(0.5)), Some(Mix::Both { day: 1, night: 2, by_day: 0.5 }));
        let day = PeopleLayer { day: Some(1), ..PeopleLayer::default() };
        assert_eq!((day.mix(Some(0.0)), day.mix(None)), (Some(Mix::One(1)), Some(Mix::One(1))));
        assert_eq!(PeopleLayer::default().mix(None), None);
    }
}
