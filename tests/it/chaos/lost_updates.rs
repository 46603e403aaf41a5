//! Detects lost updates: records who set each setting, and checks that a writer that replaced it had seen it.
//!
//! Every setting of the account is known by its resource and member, with who set it and at which call. When a writer
//! replaces the value of another, it is exactly one of five cases:
//!
//! - *seen*: the plan that the write carries shows this value at this member of this resource;
//! - *overlooked*: it does not, though the writer read the resource after the value was set. That is a mistake of ours;
//! - *lost*: it does not, and the write carried a RevisionId, which should have had it refused. That is one too;
//! - *deleted with its parent*: its parent was deleted, which no Lambda call can make conditional on the child;
//! - *in the window*: it does not, the writer's last look was before the value was set, and the call takes no RevisionId.
//!   The width of the window is counted in calls: those of the writer about the same function after its last look, up to
//!   and with the write. What falls between two calls that follow each other directly has a width of one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use axum::Router;
use axum::http::Method;
use serde_json::Value;
use trueup::plan::Plan;

use super::observed_settings::{SettingKey, observed_settings, settings};
use super::proxy::Line;

/// The writer that reads nothing before it writes.
pub const CONCURRENT_WRITER: &str = "concurrent writer";

/// The record of one account.
pub struct WriteLog {
    router: Router,
    book: Mutex<WriteLogState>,
}

#[derive(Default)]
struct WriteLogState {
    /// Every setting that was ever set; a removed one has no value.
    settings: BTreeMap<SettingKey, Setting>,
    /// The writer and the subject of each call, in order.
    calls: Vec<(&'static str, Lane)>,
    /// By writer and resource: the number of the call that looked at it last.
    looks: HashMap<(&'static str, String), usize>,
    /// The plan that each writer applies.
    plans: HashMap<&'static str, Plan>,
    findings: Findings,
}

struct Setting {
    value: Option<Value>,
    by: &'static str,
    at: usize,
}

/// The function that a call is about, or the mapping.
type Lane = String;

/// The replaced values, by case.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Writes that were looked at.
    pub writes: u64,
    /// Values of others that were replaced after a plan had shown them.
    pub replaced: u64,
    /// Values of others that were replaced unseen under a RevisionId, or in spite of another look.
    pub lost: Vec<String>,
    /// Values of others that were deleted unseen together with their function.
    pub taken_along: u64,
    /// Values of others that were replaced unseen by a call that can carry none, each with the width of its window.
    pub windows: Vec<(String, usize)>,
}

impl WriteLog {
    pub fn new(router: Router) -> WriteLog {
        WriteLog { router, book: Mutex::default() }
    }

    /// Records the plan that a writer is about to apply.
    pub fn planned(&self, writer: &'static str, plan: &Plan) {
        self.book.lock().unwrap().plans.insert(writer, plan.clone());
    }

    pub fn findings(&self) -> Findings {
        self.book.lock().unwrap().findings.clone()
    }

    /// Notes a call that was answered; after a write it takes stock of the account.
    pub async fn note(&self, line: &Line) {
        let now = if line.is_write() { Some(settings(&self.router).await) } else { None };
        let mut book = self.book.lock().unwrap();
        book.calls.push((line.writer, subject_name(&line.path)));
        match now {
            Some(now) => book.written(line, now),
            None => book.looked(line),
        }
    }
}

impl WriteLogState {
    fn looked(&mut self, line: &Line) {
        // An answer that did not arrive has shown nothing.
        if !line.whole || line.status >= 500 || line.status == 429 {
            return;
        }
        let reply = serde_json::from_slice(&line.reply).unwrap_or_default();
        let reply = if line.status < 300 { reply } else { Value::Null };
        for resource in observed_settings(&line.path, &reply).looked {
            self.looks.insert((line.writer, resource), self.calls.len());
        }
    }

    fn written(&mut self, line: &Line, now: BTreeMap<SettingKey, Value>) {
        let at = self.calls.len();
        self.findings.writes += 1;
        let known: Vec<SettingKey> = self.settings.keys().chain(now.keys()).cloned().collect();
        for spot in known {
            let before = self.settings.get(&spot);
            let (old, new) = (before.and_then(|setting| setting.value.as_ref()), now.get(&spot));
            if old == new {
                continue;
            }
            if let Some(setting) =
                before.filter(|setting| setting.by != line.writer && line.writer != CONCURRENT_WRITER)
            {
                let what = format!(
                    "{} {} replaced {} {} = {:?} of {}, set by call {}",
                    line.method, line.path, spot.0, spot.1, setting.value, setting.by, setting.at
                );
                let (seen, looked) = (self.plan_shows(line.writer, &spot), self.look(line.writer, &spot.0));
                match (seen, setting.at < looked, has_revision(line)) {
                    (true, ..) => self.findings.replaced += 1,
                    _ if deletes_parent(line, &spot.0) => self.findings.taken_along += 1,
                    (false, true, _) => self.findings.lost.push(format!("{what}, which call {looked} overlooked")),
                    (false, false, true) => self.findings.lost.push(format!("{what} in spite of its RevisionId")),
                    (false, false, false) => {
                        let width = self.width(line, looked);
                        self.findings.windows.push((what, width));
                    }
                }
            }
            self.settings.insert(spot, Setting { value: new.cloned(), by: line.writer, at });
        }
    }

    /// Returns true if the writer's plan shows the replaced value at this member of this resource.
    fn plan_shows(&self, writer: &'static str, spot: &SettingKey) -> bool {
        let value = self.settings.get(spot).and_then(|setting| setting.value.as_ref());
        self.plans.get(writer).is_some_and(|plan| shows(plan, spot, value))
    }

    /// The number of the call by which the writer last looked at the resource; zero if none did.
    fn look(&self, writer: &'static str, resource: &str) -> usize {
        let all = resource.rsplit_once('/').map(|(above, _)| format!("{above}/")).unwrap_or_default();
        let of = |resource: &str| self.looks.get(&(writer, resource.to_owned())).copied().unwrap_or(0);
        of(resource).max(of(&all))
    }

    /// Counts the writer's calls about the same function after its last read, this write included.
    fn width(&self, line: &Line, looked: usize) -> usize {
        let here = subject_name(&line.path);
        self.calls[looked..].iter().filter(|(writer, lane)| *writer == line.writer && *lane == here).count()
    }
}

/// Returns true if the plan shows this as the current value.
fn shows(plan: &Plan, (resource, member): &SettingKey, value: Option<&Value>) -> bool {
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    // A plan shows tags as a field of the function or the mapping.
    let (kinds, member) = match kind {
        "tags" => (vec!["function", "event_source_mapping"], format!("Tags.{member}")),
        "function" if member == "CodeSha256" => (vec![kind], "Code.Sha256".to_owned()),
        kind => (vec![kind], member.clone()),
    };
    let planned = plan.resources.iter().find(|planned| {
        let identity = planned.baseline.as_ref().map(|baseline| baseline.identity.as_str());
        kinds.contains(&planned.address.kind.name())
            && (planned.address.keys.join("/") == rest || identity == Some(rest))
    });
    let Some(planned) = planned else { return false };
    let Some(baseline) = &planned.baseline else { return value.is_none() };
    let there = field(&baseline.value, &member);
    let tagged = plan.unmanaged.iter().find(|unmanaged| {
        unmanaged.address == planned.address
            && unmanaged.field.as_ref().is_some_and(|path| path.to_string() == snake(&member))
    });
    match there.or_else(|| tagged.and_then(|unmanaged| unmanaged.live.as_deref())) {
        Some(there) => value.is_some_and(|value| sorted(value) == sorted(there)),
        // Lambda returns an empty string where the plan has no value.
        None => value.is_none_or(|value| *value == "" || value.as_array().is_some_and(Vec::is_empty)),
    }
}

/// The field of a plan's value that is this member of the API; the plan's names are the API's in another case.
fn field<'v>(value: &'v Value, member: &str) -> Option<&'v Value> {
    member.split('.').try_fold(value, |value, part| value.get(part).or_else(|| value.get(snake(part))))
}

/// `MemorySize` as `memory_size`.
fn snake(member: &str) -> String {
    let mut text = String::new();
    for (at, letter) in member.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 && !text.ends_with('.') {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Lists without their order.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    if let Value::Array(list) = &mut value {
        list.sort_by_key(Value::to_string);
    }
    value
}

/// Returns true if the write deletes a function and the resource is a child of it.
fn deletes_parent(line: &Line, resource: &str) -> bool {
    let deletes = line.method == Method::DELETE && line.path.matches('/').count() == 3;
    deletes
        && line.path.contains("/functions/")
        && !["function/", "tags/"].iter().any(|kind| resource.starts_with(kind))
}

/// Returns true if the write carries a RevisionId.
pub fn has_revision(line: &Line) -> bool {
    let sent: Value = serde_json::from_slice(&line.request).unwrap_or_default();
    sent["RevisionId"].is_string() || line.path.contains("RevisionId=")
}

/// The function that a path is about, or the mapping.
fn subject_name(path: &str) -> Lane {
    let path = path.split('?').next().unwrap_or_default().replace("%3A", ":");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let name = parts.get(1).and_then(|name| name.rsplit(':').next());
    name.unwrap_or_default().to_owned()
}
