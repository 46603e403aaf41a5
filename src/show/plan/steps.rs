//! The writes of a plan: as one line of calls, or one by one with their preconditions.

use crate::model::visible;
use crate::plan::{Operand, Precondition, Step};
use crate::show::Style;

/// The most calls that one line lists.
const CALLS: usize = 3;

/// Returns a few calls on one line, in order.
pub fn calls_line(steps: &[Step]) -> Option<String> {
    let call = |step: &Step| format!("{} {}", step.operation, step.address.keys.join("/"));
    let calls = || steps.iter().map(call).collect::<Vec<_>>().join(" → ");
    (1..=CALLS).contains(&steps.len()).then(|| visible(&format!("Calls: {}", calls())).into_owned())
}

/// Returns a step with its reason and its precondition.
pub fn step_line(step: &Step, width: usize, style: Style) -> String {
    let condition = precondition(step);
    let operands = step.operands.iter().map(|(path, operand)| match operand {
        Operand::Known(value) => format!("; {path} = {}", crate::model::plain(value)),
        Operand::Output { step, member } => format!("; {path} = {member} from step {step}"),
    });
    let operands: String = operands.collect();
    let created: String = step.also_creates.iter().map(|address| format!(", with {address}")).collect();
    let what = format!("{} {}{created}: {}", step.operation, step.address, step.reason);
    let bound = format!("[{condition}{operands}]");
    format!("  {:>width$}. {} {}", step.id, visible(&what), style.faint(&visible(&bound)))
}

/// Returns the first part of a RevisionId, which is a UUID: enough to distinguish two.
fn shortened(revision: &str) -> String {
    revision.split('-').next().map_or(revision.to_owned(), |start| format!("{start}…"))
}

/// Returns the precondition of a step in words.
pub fn precondition(step: &Step) -> String {
    match &step.precondition {
        Precondition::Absent { also: None, .. } => "must not exist".to_owned(),
        Precondition::Unchanged { also: None } => "re-read first".to_owned(),
        Precondition::Absent { also: Some(other), .. } => format!("must not exist; {other} re-read first"),
        Precondition::Unchanged { also: Some(other) } => format!("re-read first, with {other}"),
        Precondition::Revision { of, value } => {
            let of = if *of == step.address { String::new() } else { format!(" of {of}") };
            match value {
                Operand::Known(value) => format!("RevisionId{of} {}", shortened(&crate::model::plain(value))),
                Operand::Output { step, member } => format!("{member}{of} from step {step}"),
            }
        }
    }
}
