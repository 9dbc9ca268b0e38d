//! What was read of sites, settled: answers applied, records of one thing merged, and what that did told.

use super::say::Say;
use civex::error::{Notice, NoticeKind, grouped};
use civex::model::{Scenario, Scheme};
use civex::read::SitesRead;
use civex::register::{Judging, Merging, Records, settle as settle_sites};

/// Makes the register of the sites that were read.
pub(super) fn settle(
    read: &mut SitesRead,
    scenario: &Scenario,
    scheme: &Scheme,
    records: Records,
    say: Say,
) -> Merging {
    let judging = Judging { date: scenario.scenario.date.as_deref(), best: scheme.existence.best };
    let answers = std::mem::take(&mut read.answers);
    let (merging, answered) = settle_sites(&mut read.sites, answers, records, judging);
    for answer in answered {
        let (kind, text) = match answer.outcome {
            Ok(done) => (NoticeKind::AnswerAccepted, format!("accepted: {done}")),
            Err(why) => (NoticeKind::AnswerRejected, format!("rejected: {why}")),
        };
        let text = format!("answer \"{}\" (feature {}) is {text}", answer.id, answer.place);
        read.notices.push(Notice::of_file(kind, &answer.file, text));
    }
    if judging.date.is_none() && read.sites.sites.iter().any(|site| site.expires_on.is_some()) {
        let text = "sites or answers expire, and there is no date to tell whether they have: \
                    give `date` under [scenario]";
        let file = scenario.sites.first().map_or("", |entry| entry.path.as_str());
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
