//! Partners' answers, applied one by one, each accepted or rejected with a reason.
//!
//! An answer about a known site changes it: `exists` makes it surer, `absent` and `closed` make it less sure
//! by as much as they are sure of themselves, `moved`, `occupancy` and `capacity` put what they say in the place
//! of what was known. Answers about one site are applied in the order of the days they speak of. An answer
//! that tells of a site by itself (class and place) is a record like any other and is merged.
//!
//! What somebody does not share protects, and is never passed on: the site is shown as it was before.
//!
//! Source: METHOD §7, *Requests for information*.

use crate::model::{
    Answer, Claim, Field, Link, Merged, NameWords, Record, Shown, Site, SiteLayer, SiteName, Sites,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Its file, as written.
    pub file: Arc<str>,
    /// Its id, if it may be told.
    pub id: Option<String>,
    /// Its place in the file, from 1.
    pub place: usize,
    /// What it did, or why it did nothing.
    pub outcome: Result<String, String>,
}

/// What decides whether an answer counts.
#[derive(Debug, Clone, Copy)]
pub struct Judging<'a> {
    /// The day that expiry refers to, if there is one.
    pub date: Option<&'a str>,
    /// An answer this sure takes the place of what was known.
    pub best: f64,
    /// Words in names of sites, in addition to the built-in table.
    pub names: &'a NameWords,
}

/// Adds the sites that answers tell of by themselves, as records that are still to be merged, and gives back
/// the other answers.
pub(super) fn add_records(
    sites: &mut Sites,
    answers: Vec<Answer>,
    judging: Judging,
    told: &mut Vec<Answered>,
) -> Vec<Answer> {
    let mut others = Vec::new();
    for mut answer in answers {
        let is_sensitive = answer.is_sensitive;
        let record = answer.site.take().filter(|_| answer.about.is_none());
        match (refused(&answer, judging), record) {
            (Some(why), _) => told.push(answered(&answer, is_sensitive, Err(why))),
            (None, Some(site)) if answer.claim == Ok(Claim::Exists) => {
                let text = format!("a {} is added", site.class.name());
                told.push(answered(&answer, is_sensitive, Ok(text)));
                let site = of_source(sites, *site, &answer);
                sites.sites.push(site);
            }
            (None, _) => others.push(answer),
        }
    }
    others
}

/// The site that an answer tells of, with the layer of answers as its source.
fn of_source(sites: &mut Sites, mut site: Site, answer: &Answer) -> Site {
    let name = source_of(answer);
    let found =
        sites.layers.iter().position(|layer| layer.name == name && layer.register.is_none());
    site.layer = found.unwrap_or_else(|| {
        sites.layers.push(SiteLayer { name, register: None });
        sites.layers.len() - 1
    });
    if answer.is_restricted {
        site.shown = Shown::Nothing;
    }
    site
}

/// Why an answer does not count, whatever it is about.
fn refused(answer: &Answer, judging: Judging) -> Option<String> {
    if let Err(why) = &answer.claim {
        return Some(why.clone());
    }
    let expired = answer.expires_on.as_deref().zip(judging.date).filter(|(on, date)| on <= date);
    expired.map(|(on, date)| format!("it expired on {on}, and the scenario is of {date}"))
}

/// Applies answers about sites that are known.
pub(super) fn apply(
    sites: &mut Sites,
    mut answers: Vec<Answer>,
    judging: Judging,
    told: &mut Vec<Answered>,
) {
    let named = answers.iter().flat_map(|answer| [&answer.about, &answer.feeds]).flatten();
    let ids = Ids::of(sites, named.map(|(id, _)| id.as_str()));
    answers.sort_by(|a, b| {
        (&a.observed_on, a.confidence.to_bits(), &a.file, &a.id).cmp(&(
            &b.observed_on,
            b.confidence.to_bits(),
            &b.file,
            &b.id,
        ))
    });
    for answer in answers {
        let mut is_sensitive = false;
        let outcome = match (&answer.claim, about(sites, &ids, &answer)) {
            (Ok(Claim::SupplyLink(theta)), _) => link(sites, &ids, &answer, (judging, *theta)),
            (_, Ok(place)) => {
                let source: Arc<str> = sites.source(&sites.sites[place]).into();
                is_sensitive = sites.sites[place].is_sensitive;
                change(&mut sites.sites[place], &source, &answer, judging)
            }
            (_, Err(why)) => Err(why),
        };
        told.push(answered(&answer, is_sensitive, outcome));
    }
}

/// The sites that are named, by each of their ids.
pub(super) struct Ids(BTreeMap<String, Vec<usize>>);

impl Ids {
    /// Of the ids that are looked for.
    pub(super) fn of<'n>(sites: &Sites, named: impl Iterator<Item = &'n str>) -> Self {
        let mut of_ids: BTreeMap<String, Vec<usize>> =
            named.map(|id| (id.to_string(), Vec::new())).collect();
        if of_ids.is_empty() {
            return Self(of_ids);
        }
        for (place, site) in sites.sites.iter().enumerate() {
            let records = site.merged.iter().flat_map(|merged| &merged.records);
            let records = records.filter(|record| !record.is_answer);
            let ids = records.map(|record| record.id.as_str()).chain([site.id.as_str()]);
            for id in ids {
                if let Some(places) = of_ids.get_mut(id)
                    && places.last() != Some(&place)
                {
                    places.push(place);
                }
            }
        }
        Self(of_ids)
    }
}

/// The one site of a name.
///
/// # Errors
///
/// A sentence if there is none, or more than one.
pub(super) fn site_named(
    sites: &Sites,
    ids: &Ids,
    (id, source): &SiteName,
) -> Result<usize, String> {
    let is_meant = |place: &&usize| {
        let is_of = |source: &String| {
            sites
                .records(&sites.sites[**place])
                .iter()
                .any(|record| !record.is_answer && *record.source == **source && record.id == *id)
        };
        source.as_ref().is_none_or(is_of)
    };
    let meant: Vec<usize> = ids.0.get(id).into_iter().flatten().filter(is_meant).copied().collect();
    match meant[..] {
        [] => Err(format!("no site has the id \"{id}\"")),
        [place] => Ok(place),
        _ => {
            let names: Vec<&str> =
                meant.iter().map(|place| sites.source(&sites.sites[*place])).collect();
            Err(format!(
                "{} sites have the id \"{id}\" ({}), wanted a `source` beside it",
                names.len(),
                names.join(", ")
            ))
        }
    }
}

/// The one site that an answer is about.
fn about(sites: &Sites, ids: &Ids, answer: &Answer) -> Result<usize, String> {
    let Some(name) = &answer.about else {
        let wanted = "a `site_id`, or for `exists` a class and a place";
        return Err(format!("it does not say which site it is about, wanted {wanted}"));
    };
    site_named(sites, ids, name)
}

/// Adds the supply link that an answer tells of.
fn link(
    sites: &mut Sites,
    ids: &Ids,
    answer: &Answer,
    (judging, theta): (Judging, f64),
) -> Result<String, String> {
    let (Some(from), Some(to)) = (&answer.about, &answer.feeds) else {
        return Err("it does not say which site is fed, wanted its id in `feeds`".into());
    };
    if answer.confidence < judging.best {
        return Err(format!("its confidence is {}, below {}", answer.confidence, judging.best));
    }
    // Which ids they are would tell of a link in every output that holds notices.
    let named = super::links::between(sites, ids, (from, to), theta);
    let link = named.or(Err("one of its two sites is not known, or both are one".to_string()))?;
    sites.links.push(Link { is_restricted: answer.is_restricted, ..link });
    Ok("a supply link is added".into())
}

/// Changes a site by an answer about it: what it did, or why it did nothing.
fn change(
    site: &mut Site,
    source: &Arc<str>,
    answer: &Answer,
    judging: Judging,
) -> Result<String, String> {
    if !answer.is_restricted
        && let Shown::Before(shown) = &mut site.shown
    {
        // What is shown changes by what may be shown.
        let _same = change(shown, source, answer, judging);
    }
    let before = answer.is_restricted.then(|| site.clone());
    let done = change_only(site, answer, judging)?;
    if answer.observed_on > site.observed_on {
        site.observed_on.clone_from(&answer.observed_on);
    }
    note(site, source, answer);
    if let (Some(before), Shown::AsItIs) = (before, &site.shown) {
        site.shown = Shown::Before(Box::new(before));
    }
    Ok(done)
}

fn change_only(site: &mut Site, answer: &Answer, judging: Judging) -> Result<String, String> {
    let who = if site.is_sensitive { site.class.name() } else { site.id.as_str() };
    let claim = answer.claim.clone()?;
    let replaces = !matches!(claim, Claim::Exists | Claim::Absent | Claim::Closed);
    let is_applied = |record: &Record| {
        record.is_answer && record.source == answer.source && record.id == answer.id
    };
    if site.merged.as_ref().is_some_and(|merged| merged.records.iter().any(is_applied)) {
        return Err("it is applied already".into());
    }
    if replaces && answer.confidence < judging.best {
        return Err(format!("its confidence is {}, below {}", answer.confidence, judging.best));
    }
    match claim {
        Claim::Exists => {
            let text = format!("\"{who}\" is surer to be there");
            site.confidence = 1.0 - (1.0 - site.confidence) * (1.0 - answer.confidence);
            Ok(text)
        }
        Claim::Absent | Claim::Closed => {
            let text = format!("\"{who}\" is less sure to be there ({})", claim.name());
            site.confidence *= 1.0 - answer.confidence;
            Ok(text)
        }
        Claim::Moved => {
            let text = format!("\"{who}\" is where it says");
            let place = answer.geometry.clone();
            site.geometry = place.ok_or("it does not say where to, wanted a geometry")?;
            Ok(text)
        }
        Claim::Occupancy(people) if people > site.class.most_occupants() => {
            Err(format!("{people} people are more than such a site can hold"))
        }
        Claim::Occupancy(people) => {
            let text = format!("\"{who}\" has {people} people");
            site.occupancy = Some(people);
            Ok(text)
        }
        Claim::Capacity(people) => {
            let text = format!("\"{who}\" can serve {people}");
            site.capacity = Some(people);
            Ok(text)
        }
        // It changes no site, and is taken before.
        Claim::SupplyLink(_) => Err("a supply link changes no site".into()),
    }
}

/// Keeps with a site that an answer changed it, and what.
fn note(site: &mut Site, source: &Arc<str>, answer: &Answer) {
    let Ok(claim) = &answer.claim else { return };
    let day = answer.observed_on.as_deref().map_or(String::new(), |day| format!(" of {day}"));
    let until = answer.expires_on.as_deref().map_or(String::new(), |day| format!(", until {day}"));
    let text = format!("{} by answer {}{day}{until}", claim.name(), answer.id);
    site.caveat = Some(match site.caveat.take() {
        Some(caveat) => format!("{caveat}; {text}"),
        None => text,
    });
    let own = || {
        let (source, id) = (Arc::clone(source), site.id.clone());
        let record = Record { source, id, confidence: site.confidence, is_answer: false };
        let given = [
            (Field::Geometry, true),
            (Field::Class, true),
            (Field::Name, site.name.is_some()),
            (Field::Occupancy, site.occupancy.is_some()),
            (Field::Capacity, site.capacity.is_some()),
            (Field::InRaster, site.in_raster.is_some()),
        ];
        let fields = given.into_iter().filter(|(_, is_given)| *is_given);
        let fields = fields.map(|(field, _)| (field, 0)).collect();
        Box::new(Merged { records: vec![record], fields })
    };
    let mut merged = site.merged.take().unwrap_or_else(own);
    let (id, confidence) = (answer.id.clone(), answer.confidence);
    merged.records.push(Record { source: source_of(answer), id, confidence, is_answer: true });
    let last = merged.records.len() - 1;
    match claim {
        Claim::Moved => merged.fields.insert(Field::Geometry, last),
        Claim::Occupancy(_) => merged.fields.insert(Field::Occupancy, last),
        Claim::Capacity(_) => merged.fields.insert(Field::Capacity, last),
        _ => None,
    };
    site.merged = Some(merged);
}

/// The name of the source that an answer is of.
fn source_of(answer: &Answer) -> Arc<str> {
    Arc::clone(&answer.source)
}

/// What became of an answer, told without what must not be: of a sensitive site its number and place, of what is
/// restricted anything.
fn answered(answer: &Answer, is_sensitive: bool, outcome: Result<String, String>) -> Answered {
    let is_hidden = answer.is_restricted || answer.is_sensitive || is_sensitive;
    let outcome = match outcome {
        Ok(_) if answer.is_restricted => {
            Ok("it is restricted: counted where it tells of no single site, and never written"
                .into())
        }
        Ok(_) if is_hidden => Ok("it is about a sensitive site".into()),
        Err(_) if is_hidden => Err("see there; why would tell what it is about".into()),
        other => other,
    };
    let id = (!is_hidden).then(|| answer.id.clone());
    Answered { file: Arc::clone(&answer.file), id, place: answer.place, outcome }
}
