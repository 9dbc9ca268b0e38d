//! civex: what civilian life lies inside planned operation areas, and how sure that is.
//!
//! Areas, population grids and layers of civilian sites go in; for every area come out the people,
//! the sites and a score from 0 to 100, each with a low, a best and a high. It exists to find the
//! option that exposes fewest people.
//!
//! Data flows one way: [`read`] → [`index`] → [`intersect`] → [`score`] → [`write`](mod@write), and
//! [`assess()`] is the whole of it on one screen.
//!
//! ```
//! use civex::assess::Inputs;
//! use civex::index::Populations;
//! use civex::model::{Budget, Scenario};
//! use civex::read::{Opening, Remote, load, options};
//!
//! // An area of half a cell over a raster of 3 × 3 cells that holds 900 people.
//! let areas = "tests/data/pencil/half_a_cell.geojson";
//! let scenario = Scenario {
//!     areas: Some(options::areas(areas)?),
//!     population: vec![options::population("tests/data/pencil/counts.tif,nodata_means=zero")?],
//!     ..Scenario::default()
//! };
//! let opening = Opening { remote: Remote::Refused, budget: Budget::UNLIMITED, progress: &() };
//! let loaded = load(&scenario, None, None, opening)?;
//! let areas = loaded.areas.gather()?;
//! let inputs = Inputs {
//!     file: &areas.file,
//!     areas: areas.areas,
//!     reference: &areas.reference,
//!     distances: &loaded.distances,
//!     populations: &Populations::new(&loaded.sources, Budget::UNLIMITED),
//!     people: &loaded.people,
//!     sites: None,
//!     services: None,
//!     scheme: &loaded.scheme,
//!     timezone: None,
//! };
//! let assessment = civex::assess(inputs, &())?;
//! let people = assessment.rows[0].people.expect("the raster covers the area");
//! assert_eq!(people.best, 50.0);
//! # Ok::<(), civex::error::Error>(())
//! ```

// GDAL is linked by being named; the feature `bundled` builds it from source.
#[cfg(feature = "bundled")]
use gdal_src as _;

/// The examples of the README are those of the library.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod assess;
pub mod compare;
pub mod depend;
pub mod error;
pub mod index;
pub mod intersect;
pub mod measure;
pub mod model;
pub mod read;
pub mod register;
pub mod score;
mod unnamed;
pub mod write;

pub use assess::assess;
