//! What is said on standard error: for people in lines, for machines one JSON object a line.
//!
//! ```text
//! error: gone.toml: no such file (looked for /plans/gone.toml)
//! hint: paths in a scenario start where its file is, others in the working directory
//! {"level":"error","kind":"not_found","file":"gone.toml","message":"gone.toml: no such file …","hint":"…"}
//! ```
//!
//! Labels are colored on a terminal, unless `NO_COLOR` or `TERM=dumb` ask for none; the text is the same
//! without. A JSON object has `level` (error, problem, notice, note, progress), `kind` (a word that
//! stays), `message`, and, where they apply, `scenario` (of a batch), `file`, `area`, `site`, `feature`, `place` and `hint`.
//! Nothing is to be done where even this cannot be written.

use super::summed::{self, Line};
use anstyle::{AnsiColor, Style};
use civex::error::{At, Error, FileFault, Notice, OfKind, Problem, ReadError, Tally};
use civex::write::{json_text, printable};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::{Display, Write as _};
use std::io::Write as _;

/// At most so many notices of one kind are said to people; the output holds more.
pub(super) const OF_A_KIND: usize = 5;

/// Where the help lists how messages are given.
const HEADING: &str = "Messages";

/// How messages are given; for every subcommand.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Common {
    /// Write messages on standard error as text, or as one JSON object a line.
    #[arg(long, global = true, help_heading = HEADING, value_name = "FORMAT")]
    #[arg(value_enum, default_value = "text")]
    log_format: Format,
    /// Say what was decided and why, and how long each stage took.
    #[arg(long, global = true, help_heading = HEADING)]
    verbose: bool,
    /// Say only errors and problems: no notices, no progress.
    #[arg(long, global = true, help_heading = HEADING)]
    quiet: bool,
}

/// Who reads the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// People.
    Text,
    /// Machines.
    Json,
}

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Problem,
    Notice,
    Note,
    Progress,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Problem => "problem",
            Self::Notice => "notice",
            Self::Note => "note",
            Self::Progress => "progress",
        }
    }

    const fn style(self) -> Style {
        let color = match self {
            Self::Error => AnsiColor::Red,
            Self::Problem => AnsiColor::Yellow,
            Self::Notice => AnsiColor::Blue,
            Self::Note | Self::Progress => return Style::new().dimmed(),
        };
        Style::new().bold().fg_color(Some(anstyle::Color::Ansi(color)))
    }
}

/// One message before it is written.
struct Message<'a> {
    level: Level,
    kind: &'a str,
    at: At<'a>,
    /// One sentence; in front of a piece of a text, with that below it.
    text: String,
    hint: Option<String>,
}

/// Says what is to be said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Say(Common, Option<&'static str>);

impl Say {
    /// As the command line wants it, or what it cannot want.
    pub(crate) const fn new(common: Common) -> Result<Self, &'static str> {
        if common.quiet && common.verbose {
            return Err("`--quiet` and `--verbose` cannot be given together");
        }
        Ok(Self(common, None))
    }

    /// The same about one scenario of many.
    pub(super) const fn about(self, scenario: &'static str) -> Self {
        Self(self.0, Some(scenario))
    }

    /// As far as can be told from a command line that makes no sense.
    fn untold(args: impl Iterator<Item = OsString>) -> Self {
        let args: Vec<OsString> = args.take_while(|arg| arg != "--").collect();
        let apart = args.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json");
        let is_json = apart || args.iter().any(|arg| arg == "--log-format=json");
        let log_format = if is_json { Format::Json } else { Format::Text };
        Self(Common { log_format, verbose: false, quiet: false }, None)
    }

    /// Whether messages are for machines.
    pub(super) fn is_json(self) -> bool {
        self.0.log_format == Format::Json
    }

    /// Whether only errors and problems are said.
    pub(super) const fn is_quiet(self) -> bool {
        self.0.quiet
    }

    /// An error with its way out; the faults of a file one by one.
    pub(super) fn error(self, error: &Error) {
        if let Error::Read(ReadError::Faults(faults)) = error {
            for fault in faults {
                self.fault(error.kind(), fault);
            }
            return;
        }
        let (text, hint) = (error.to_string(), error.hint());
        self.say(&Message { level: Level::Error, kind: error.kind(), at: error.at(), text, hint });
    }

    fn fault(self, kind: &str, fault: &FileFault) {
        let (text, hint) = (fault.to_string(), fault.hint.clone());
        self.say(&Message { level: Level::Error, kind, at: fault.at(), text, hint });
    }

    /// An error of the run as a whole.
    pub(super) fn refusal(self, kind: &str, text: impl Display, hint: Option<String>) {
        let text = text.to_string();
        self.say(&Message { level: Level::Error, kind, at: At::default(), text, hint });
    }

    /// A problem with its way out.
    pub(super) fn problem(self, problem: &Problem) {
        let (text, hint) = (problem.to_string(), problem.hint());
        let (kind, at) = (problem.kind(), problem.at());
        self.say(&Message { level: Level::Problem, kind, at, text, hint });
    }

    /// What a result must not be used without knowing, which no input is at fault for.
    pub(super) fn alert(self, kind: &str, text: impl Display) {
        let text = text.to_string();
        self.say(&Message { level: Level::Problem, kind, at: At::default(), text, hint: None });
    }

    /// What went another way than it should, and changes no result.
    pub(super) fn remark(self, kind: &str, text: impl Display) {
        if !self.0.quiet {
            let text = text.to_string();
            self.say(&Message { level: Level::Notice, kind, at: At::default(), text, hint: None });
        }
    }

    /// What is wrong with a file that the result was found without, and its way out.
    pub(super) fn remark_of(self, kind: &str, (file, text): (&str, &str), hint: String) {
        if !self.0.quiet {
            self.say_of((Level::Notice, kind), (file, text), hint);
        }
    }

    /// What is wrong with a file, and its way out.
    pub(super) fn alert_of(self, kind: &str, (file, text): (&str, &str), hint: String) {
        self.say_of((Level::Problem, kind), (file, text), hint);
    }

    fn say_of(self, (level, kind): (Level, &str), (file, text): (&str, &str), hint: String) {
        let at = At { file: Some(file), ..At::default() };
        let text = format!("{file}: {text}");
        self.say(&Message { level, kind, at, text, hint: Some(hint) });
    }

    /// Problems in their order, and how many more there are of a kind than a run remembers.
    pub(super) fn problems(self, problems: &Tally<Problem>) {
        if self.is_json() {
            problems.kept().iter().for_each(|problem| self.problem(problem));
        } else {
            for Line { text, hint, first } in summed::lines(problems.kept()) {
                let problem = problems.kept().get(first);
                let (kind, at) =
                    problem.map(|problem| (problem.kind(), problem.at())).unwrap_or_default();
                self.say(&Message { level: Level::Problem, kind, at, text, hint });
            }
        }
        for (kind, more) in more_than_kept(problems) {
            let text = format!("{more} more such problems ({kind})");
            let hint = Some("`civex check` lists all".to_string());
            self.say(&Message { level: Level::Problem, kind, at: At::default(), text, hint });
        }
    }

    /// Notices in their order: all that are remembered for machines, the first few of each kind for people.
    pub(super) fn notices(self, notices: &Tally<Notice>) {
        if self.0.quiet {
            return;
        }
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        for notice in notices.kept() {
            let kind = notice.kind.name();
            let count = said.entry(kind).or_default();
            *count += 1;
            if *count <= OF_A_KIND || self.is_json() {
                let (at, text) = (notice.at(), notice.to_string());
                self.say(&Message { level: Level::Notice, kind, at, text, hint: None });
            }
        }
        let not_kept = more_than_kept(notices);
        for (kind, count) in notices.counts() {
            let of_people = count.saturating_sub(OF_A_KIND as u64);
            let text = match (self.is_json(), of_people, not_kept.get(kind)) {
                (true, _, Some(more)) => format!("{more} more such notices ({kind})"),
                (true, _, None) | (false, 0, _) => continue,
                (false, more, None) => {
                    format!("{more} more such notices ({kind}); `--log-format json` gives all")
                }
                (false, more, Some(_)) => {
                    format!("{more} more such notices ({kind}); `--log-format json` gives more")
                }
            };
            self.say(&Message { level: Level::Notice, kind, at: At::default(), text, hint: None });
        }
    }

    /// What was decided, for those who want to know.
    pub(super) fn note(self, kind: &str, text: impl FnOnce() -> String) {
        self.note_at(kind, At::default(), text);
    }

    /// What was decided about a file.
    pub(super) fn note_of(self, file: &str, text: impl FnOnce() -> String) {
        let at = At { file: Some(file), ..At::default() };
        self.note_at("input", at, || format!("{file}: {}", text()));
    }

    fn note_at(self, kind: &str, at: At, text: impl FnOnce() -> String) {
        if self.0.verbose {
            self.say(&Message { level: Level::Note, kind, at, text: text(), hint: None });
        }
    }

    /// How far a stage has come.
    pub(super) fn progress(self, stage: &str, (done, of): (u64, u64), seconds_left: Option<u64>) {
        if self.is_json() {
            let mut object = Map::new();
            object.insert("level".into(), Level::Progress.name().into());
            object.insert("stage".into(), stage.into());
            object.insert("done".into(), done.into());
            object.insert("of".into(), of.into());
            object.extend(seconds_left.map(|left| ("seconds_left".into(), left.into())));
            write(&line_of(object));
        } else {
            let share = 100 * done / of.max(1);
            let left = seconds_left.map_or(String::new(), |left| format!(", {left} s left"));
            write(&format!("{stage}: {share} %{left}\n"));
        }
    }

    fn say(self, message: &Message) {
        let text = if self.is_json() { json_of(message, self.1) } else { text_of(message, self.1) };
        write(&text);
    }
}

/// Of each kind, how many there are that a run does not remember.
fn more_than_kept<T: OfKind>(tally: &Tally<T>) -> BTreeMap<&'static str, u64> {
    let mut more = tally.counts().clone();
    for one in tally.kept() {
        if let Some(count) = more.get_mut(one.word()) {
            *count -= 1;
        }
    }
    more.retain(|_, count| *count > 0);
    more
}

/// Says what is wrong with a command line, or gives the help that it asks for; gives the exit status.
pub(super) fn misuse(error: &clap::Error) -> u8 {
    let say = Say::untold(std::env::args_os());
    let rendered = error.render().to_string();
    if error.use_stderr() && !say.is_json() && printable(&rendered) != rendered {
        // Without colors, of which nobody could tell those that were typed.
        write(&printable(&rendered));
    } else if !error.use_stderr() || !say.is_json() {
        let _gone = error.print();
    } else {
        let (text, hint) = usage(&rendered);
        say.refusal("usage", text, Some(hint));
    }
    error.exit_code() as u8
}

/// The sentence of a rendered misuse, and its way out.
fn usage(rendered: &str) -> (String, String) {
    let lines = rendered.lines().map(str::trim);
    let mut paragraph = lines.clone().take_while(|line| !line.is_empty());
    let sentence = match paragraph.next().and_then(|line| line.strip_prefix("error: ")) {
        Some(first) => paragraph.fold(first.to_string(), |text, line| format!("{text} {line}")),
        None => "no subcommand is given".into(),
    };
    let tip = lines.clone().find_map(|line| line.strip_prefix("tip: "));
    (sentence, tip.unwrap_or("`civex --help` lists what can be given").to_string())
}

/// A message in lines, with its colors.
fn text_of(message: &Message, scenario: Option<&str>) -> String {
    let Message { level, text, hint, .. } = message;
    let style = level.style();
    // A fault of the scenario's own text names its file already, with a place or without.
    let is_named =
        |path: &str| text.strip_prefix(path).is_some_and(|behind| behind.starts_with(':'));
    let scenario = scenario.filter(|path| !is_named(path));
    let scenario = scenario.map(|path| format!("{path}: ")).unwrap_or_default();
    let mut text = printable(&format!("{scenario}{text}"));
    // Only a piece of a text stands in lines of its own: a name must not pass for another message.
    if message.at.place.is_none() {
        text = text.replace(['\n', '\t'], "\u{fffd}");
    }
    let mut lines = format!("{style}{}:{style:#} {text}\n", level.name());
    if let Some(hint) = hint {
        let style = AnsiColor::Cyan.on_default().bold();
        let hint = printable(hint).replace(['\n', '\t'], "\u{fffd}");
        let _infallible = writeln!(lines, "{style}hint:{style:#} {hint}");
    }
    lines
}

/// A message as a JSON object; fields that do not apply are absent.
fn json_of(message: &Message, scenario: Option<&str>) -> String {
    let Message { level, kind, at, text, hint } = message;
    let mut object = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        object.extend(value.map(|value| (key.to_string(), value)));
    };
    set("level", Some(level.name().into()));
    set("kind", Some((*kind).into()));
    set("scenario", scenario.map(Value::from));
    set("file", at.file.map(Value::from));
    set("area", at.area.map(Value::from));
    set("site", at.site.map(Value::from));
    set("feature", at.feature.map(Value::from));
    set("place", at.place.map(|(line, column)| json!({"line": line, "column": column})));
    // A piece of the text and its caret are for people; a machine has the place.
    let sentence = if at.place.is_some() { text.lines().next() } else { Some(text.as_str()) };
    set("message", sentence.map(Value::from));
    set("hint", hint.clone().map(Value::from));
    line_of(object)
}

/// A JSON object on a line, without letters that would steer a terminal.
fn line_of(object: Map<String, Value>) -> String {
    let mut line = json_text(&Value::Object(object)).unwrap_or_default();
    line.push('\n');
    line
}

fn write(text: &str) {
    super::progress::aside(|| {
        let _gone = anstream::stderr().lock().write_all(text.as_bytes());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misuse_is_one_sentence_with_its_way_out() {
        let rendered = "error: unexpected argument '--area' found\n\n  tip: a similar argument \
                        exists: '--areas'\n\nUsage: civex assess\n";
        let wanted = ("unexpected argument '--area' found", "a similar argument exists: '--areas'");
        assert_eq!(usage(rendered), (wanted.0.to_string(), wanted.1.to_string()));
        let several = "error: the following were not provided:\n  <SHELL>\n\nUsage: civex\n";
        assert_eq!(usage(several).0, "the following were not provided: <SHELL>");
    }

    #[test]
    fn json_is_heard_of_before_the_command_line_is_understood() {
        let is_json = |line: &str| Say::untold(line.split(' ').map(OsString::from)).is_json();
        assert!(is_json("civex --log-format json x") && is_json("civex x --log-format=json"));
        assert!(!is_json("civex -- --log-format json") && !is_json("civex --log-format text"));
    }
}
