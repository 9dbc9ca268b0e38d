//! What was read of sites, settled: answers applied, records of one thing merged, and what that did told.

use super::say::Say;
use super::scenario::Meant;
use civex::assess::draw_grounds;
use civex::error::{Notice, NoticeKind, ReadError, counted, grouped};
use civex::intersect::grounds;
use civex::model::{Budget, Scenario, Scheme};
use civex::read::SitesRead;
use civex::register::{Judging, Merging, Records, Settled, Told, settle as settle_sites};
use std::sync::Arc;

/// The day that ages and expiry refer to: the scenario's, else the latest on which an area of it is used. Areas are
/// read for it only where something expires or has a date.
pub(super) fn date_of(
    expires: bool,
    meant: &Meant,
    budget: Budget,
) -> Result<Option<String>, ReadError> {
    let Meant { scenario, folder, remote, .. } = meant;
    let ages = scenario.population.iter().any(|entry| entry.year.is_some())
        || scenario.sites.iter().any(|entry| entry.observed_on.is_some());
    match &scenario.scenario.date {
        None if ages || expires => {
            civex::read::latest_end(scenario, folder.as_deref(), *remote, budget)
        }
        date => Ok(date.clone()),
    }
}

/// Whether anything that was read of sites expires.
pub(super) fn expires(read: Option<&SitesRead>) -> bool {
    let expires = |read: &SitesRead| {
        read.sites.sites.iter().any(|site| site.expires_on.is_some())
            || read.answers.iter().any(|answer| answer.expires_on.is_some())
    };
    read.is_some_and(expires)
}

/// Makes the register of the sites that were read.
pub(super) fn settle(
    read: &mut SitesRead,
    scenario: &Scenario,
    (scheme, date): (&Scheme, Option<&str>),
    records: Records,
    say: Say,
) -> Merging {
    let judging = Judging { date, best: scheme.existence.best, names: &scheme.names };
    let answers = std::mem::take(&mut read.answers);
    let answers_expire = answers.iter().any(|answer| answer.expires_on.is_some());
    let told = Told { answers, links: std::mem::take(&mut read.links) };
    let settled = settle_sites(&mut read.sites, told, records, judging);
    let Settled { merging, answered, problems } = settled;
    read.problems.extend(problems);
    let (problems, notices) = draw_grounds(&mut read.sites.mappings);
    read.problems.extend(problems);
    read.notices.extend(notices);
    read.sites.grounds = Arc::new(grounds(&read.sites.mappings, scheme));
    let file = scenario.sites.first().map_or("", |entry| entry.path.as_str());
    for (count, why) in [
        (merging.expired, format!("expired by {}", date.unwrap_or_default())),
        (merging.known, "are there already, in a register or another layer".to_string()),
    ] {
        if count > 0 {
            let text = format!("{} not used: they {why}", counted(count, "record"));
            read.notices.push(Notice::of_file(NoticeKind::SitesNotUsed, file, text));
        }
    }
    for answer in answered {
        let (kind, text) = match answer.outcome {
            Ok(done) => (NoticeKind::AnswerAccepted, format!("accepted: {done}")),
            Err(why) => (NoticeKind::AnswerRejected, format!("rejected: {why}")),
        };
        let id = answer.id.map_or(String::new(), |id| format!("\"{id}\" "));
        let text = format!("answer {id}(feature {}) is {text}", answer.place);
        read.notices.push(Notice::of_file(kind, &answer.file, text));
    }
    if judging.date.is_none()
        && (answers_expire || read.sites.sites.iter().any(|site| site.expires_on.is_some()))
    {
        let text = "sites or answers expire, and there is no date to tell whether they have: \
                    give `date` under [scenario]";
        read.notices.push(Notice::of_file(NoticeKind::ExpiryUnknown, file, text));
    }
    if merging.records > merging.sites {
        say.note("sites", || {
            let (records, sites) = (grouped(merging.records), grouped(merging.sites));
            format!("{records} records are {sites} sites")
        });
    }
    merging
}
