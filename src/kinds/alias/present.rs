//! An alias in words: the share of its traffic that each version has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::spec::Alias;
use crate::model::{Action, FieldPath, plain};
use crate::resource::{Naming, Present, Presentation, PresentedChange, TerraformType};

impl Present for Alias {
    const LABEL: &'static str = "alias";
    const TERRAFORM: TerraformType =
        TerraformType::of("aws_lambda_alias", &[("name", Naming::Name), ("function_name", Naming::Parent)]);

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let mut words = Presentation::default();
        let (before, after) = (shares(change.before), shares(change.after));
        match (sole(&before), sole(&after)) {
            (None, Some(to)) if before.is_empty() => {
                words.versions(change.action, "", format!("→ version {to} (100 %)"))
            }
            (Some(from), None) if after.is_empty() => words.versions(change.action, "", format!("→ version {from}")),
            (Some(from), Some(to)) if from == to => {}
            (Some(from), Some(to)) => {
                let number = |version: &String| version.parse::<u64>().ok();
                let is_back = number(from).zip(number(to)).is_some_and(|(from, to)| to < from);
                let back = if is_back { ", back to an older one" } else { "" };
                words.versions(Action::Update, "", format!("version {from} → {to} (100 %){back}"));
            }
            _ => moves(&before, &after, &mut words),
        }
        // Where no share changes, what does is listed as it is written.
        if !words.facts.is_empty() {
            words.told.extend(["function_version", "routing_config"].map(FieldPath::from));
        }
        words
    }
}

/// Tells the share of each version before and after.
fn moves(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, words: &mut Presentation) {
    let mut versions: Vec<&String> = before.keys().chain(after.keys().filter(|it| !before.contains_key(*it))).collect();
    versions.sort_by_key(|version| (version.len(), version.as_str().to_owned()));
    for version in versions {
        let (from, to) = (before.get(version), after.get(version));
        let action = match (from, to) {
            (None, _) => Action::Create,
            (_, None) => Action::Delete,
            (from, to) if from == to => continue,
            _ => Action::Update,
        };
        let shown = |share: Option<&f64>| format!("{:>3} %", percent(share.copied().unwrap_or_default()));
        let text = if before.is_empty() { shown(to) } else { format!("{} → {}", shown(from), shown(to)) };
        words.versions(action, format!("version {version}"), text);
    }
}

/// Returns the only version that has traffic.
fn sole(shares: &BTreeMap<String, f64>) -> Option<&String> {
    shares.keys().next().filter(|_| shares.len() == 1)
}

/// Returns the share of each version that has traffic.
fn shares(alias: Option<&Value>) -> BTreeMap<String, f64> {
    let Some(version) = alias.and_then(|alias| alias.get("function_version")) else { return BTreeMap::new() };
    let weights = FieldPath::from("routing_config.additional_version_weights");
    let weights = alias.and_then(|alias| weights.get(alias)).and_then(Value::as_object).into_iter().flatten();
    let weights = weights.filter_map(|(version, share)| Some((version.clone(), share.as_f64()?)));
    let mut shares: BTreeMap<String, f64> = weights.filter(|(_, share)| *share > 0.0).collect();
    let rest = 1.0 - shares.values().sum::<f64>();
    if rest > 0.0 {
        shares.insert(plain(version), rest);
    }
    shares
}

/// Returns a share in percent, without the noise of binary fractions.
fn percent(share: f64) -> f64 {
    (share * 100_000.0).round() / 1000.0
}
