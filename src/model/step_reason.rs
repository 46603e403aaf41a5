//! The reasons for the steps of a plan.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FieldPath, MASK};

/// The reason for a step, with a stable code and a text in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "StepReasonRecord", from = "StepReasonRecord")]
#[schemars(with = "StepReasonRecord")]
pub struct StepReason(pub StepReasonKind);

/// The reasons, each with its facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum StepReasonKind {
    /// The resource does not exist.
    Absent,
    /// No live resource has the tags that mark it as the declared one.
    AbsentByTags,
    /// No live event source mapping has the declared function and source.
    AbsentMapping,
    /// The setting is not set.
    NotSet,
    /// The setting is not set, so that AWS's default applies.
    DefaultApplies,
    /// Nothing has been published yet.
    Unpublished,
    /// The resource policy does not exist.
    AbsentPolicy,
    /// The statement of the policy does not exist.
    AbsentStatement {
        /// Its id.
        statement: String,
    },
    /// A field has another live value.
    LiveValue {
        /// The field.
        field: String,
        /// Its live value.
        value: String,
    },
    /// The alias points to another version.
    PointsElsewhere {
        /// That version.
        version: String,
    },
    /// The traffic weights of the alias differ.
    TrafficWeightsDiffer,
    /// Fields differ.
    FieldsDiffer {
        /// The fields.
        fields: Vec<String>,
    },
    /// Fields differ that matter only for the next deployment of code.
    DeploymentFieldsDiffer {
        /// The fields.
        fields: Vec<String>,
    },
    /// The content differs from the newest version.
    ContentDiffers {
        /// That version.
        version: String,
    },
    /// Statements of the policy differ.
    StatementsDiffer {
        /// Their ids.
        statements: Vec<String>,
    },
    /// The tags differ.
    TagsDiffer,
    /// The spec does not declare live tags, and prunes.
    TagsUndeclared,
    /// The live resource becomes part of the stack.
    Adopted,
    /// A field cannot change in place, so that the resource is deleted first.
    FixedFields {
        /// The fields.
        fields: Vec<String>,
        /// The consequence, if there is one to know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consequence: Option<ReplacementConsequence>,
    },
    /// The resource is created in place of the one that was deleted.
    Recreated,
    /// A statement of the policy cannot change in place, so that it is removed first.
    FixedStatement {
        /// Its id.
        statement: String,
    },
    /// The statement is added again, as declared, after it was removed.
    RecreatedStatement {
        /// Its id.
        statement: String,
    },
    /// Lambda could not create the resource.
    CreationFailed,
    /// Lambda accepted the last update and could not finish it.
    UpdateFailed,
    /// Lambda could not allocate the provisioned concurrency.
    AllocationFailed,
    /// Publishing the function unchanged would return the version that failed.
    FailedVersion,
    /// The spec no longer declares the resource.
    Undeclared,
    /// The spec no longer declares the function URL, whose address is lost.
    UndeclaredUrl,
    /// The spec no longer declares the statement.
    UndeclaredStatement {
        /// Its id.
        statement: String,
    },
    /// The policy has no statement left.
    EmptyPolicy {
        /// The ids of the statements that are removed.
        statements: Vec<String>,
    },
    /// `retain_versions` keeps only newer versions.
    NotRetained {
        /// The number of versions to keep.
        retain_versions: u32,
    },
    /// The stack is destroyed.
    Destroyed,
    /// The tag that records where the code came from is written.
    RecordCodeSource,
    /// The code that is deployed next must be checked against the configuration.
    CheckNextCode,
    /// The live mapping that has the declared one's tag is declared at another address.
    TagOfAnother {
        /// That address.
        address: String,
    },
}

/// The consequence of replacing a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementConsequence {
    /// The replacement fails while a function runs on it.
    MustBeUnused,
    /// The position in the event source is lost.
    PositionLost,
}

impl StepReason {
    /// The reason that fields differ: the outermost ones of these paths.
    pub fn fields_differ<'p>(paths: impl IntoIterator<Item = &'p FieldPath>) -> StepReason {
        StepReasonKind::FieldsDiffer { fields: outermost(paths) }.into()
    }

    /// The reason that fields differ which matter only for the next deployment of code.
    pub fn deployment_fields_differ<'p>(paths: impl IntoIterator<Item = &'p FieldPath>) -> StepReason {
        StepReasonKind::DeploymentFieldsDiffer { fields: outermost(paths) }.into()
    }

    /// The reason that a field has another live value.
    pub fn live_value(field: &str, value: impl fmt::Display) -> StepReason {
        StepReasonKind::LiveValue { field: field.to_owned(), value: value.to_string() }.into()
    }

    /// Masks the live value that the reason names, if its field is one of these.
    pub fn hide(&mut self, fields: &BTreeSet<FieldPath>) {
        if let StepReasonKind::LiveValue { field, value } = &mut self.0
            && fields.iter().any(|path| path.first() == Some(field.as_str()))
        {
            MASK.clone_into(value);
        }
    }

    /// The reason that fields cannot change in place.
    pub fn fixed<'p>(
        paths: impl IntoIterator<Item = &'p FieldPath>,
        consequence: Option<ReplacementConsequence>,
    ) -> StepReason {
        let fields = paths.into_iter().map(ToString::to_string).collect();
        StepReasonKind::FixedFields { fields, consequence }.into()
    }
}

/// Returns the outermost fields of these paths, each once.
fn outermost<'p>(paths: impl IntoIterator<Item = &'p FieldPath>) -> Vec<String> {
    let mut fields: Vec<String> = paths.into_iter().filter_map(|path| path.first()).map(str::to_owned).collect();
    fields.dedup();
    fields
}

impl From<StepReasonKind> for StepReason {
    fn from(kind: StepReasonKind) -> Self {
        StepReason(kind)
    }
}

impl fmt::Display for StepReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use StepReasonKind as Kind;
        match &self.0 {
            Kind::Absent => f.write_str("it does not exist"),
            Kind::AbsentByTags => f.write_str("no live resource has its tags"),
            Kind::AbsentMapping => f.write_str("no live mapping has its function and source"),
            Kind::NotSet => f.write_str("it is not set"),
            Kind::DefaultApplies => f.write_str("it is not set, so AWS's default applies"),
            Kind::Unpublished => f.write_str("no version is published yet"),
            Kind::AbsentPolicy => f.write_str("there is no policy yet"),
            Kind::AbsentStatement { statement } => write!(f, "statement `{statement}` does not exist"),
            Kind::LiveValue { field, value } => write!(f, "`{field}` is {value}"),
            Kind::PointsElsewhere { version } => write!(f, "the alias points to version {version}"),
            Kind::TrafficWeightsDiffer => f.write_str("traffic weights differ"),
            Kind::FieldsDiffer { fields } => differ(f, fields, "it"),
            Kind::DeploymentFieldsDiffer { fields } => {
                differ(f, fields, "it")?;
                f.write_str("; this applies from the next deployment")
            }
            Kind::ContentDiffers { version } => write!(f, "the content differs from version {version}"),
            Kind::StatementsDiffer { statements } => differ(f, statements, "the policy"),
            Kind::TagsDiffer => f.write_str("tags differ"),
            Kind::TagsUndeclared => f.write_str("the spec does not declare these tags, and prunes"),
            Kind::Adopted => f.write_str("it becomes part of this stack"),
            Kind::FixedFields { fields, consequence } => {
                write!(f, "{} cannot change in place", fields.join(", "))?;
                match consequence {
                    None => Ok(()),
                    Some(ReplacementConsequence::MustBeUnused) => f.write_str("; no function may run on it"),
                    Some(ReplacementConsequence::PositionLost) => f.write_str("; the position in the source is lost"),
                }
            }
            Kind::Recreated => f.write_str("it replaces the one that was deleted"),
            Kind::FixedStatement { statement } => {
                write!(f, "statement `{statement}` cannot change in place; it grants nothing until it is added again")
            }
            Kind::RecreatedStatement { statement } => write!(f, "statement `{statement}` is added again as declared"),
            Kind::CreationFailed => f.write_str("Lambda could not set it up"),
            Kind::UpdateFailed => f.write_str("the last update failed in Lambda, so it is sent again"),
            Kind::AllocationFailed => f.write_str("the allocation failed in Lambda"),
            Kind::FailedVersion => f.write_str("publishing it unchanged would return the failed version again"),
            Kind::Undeclared => f.write_str("the spec no longer declares it"),
            Kind::UndeclaredUrl => {
                f.write_str("the spec no longer declares it; its address is lost, and a new URL would have another")
            }
            Kind::UndeclaredStatement { statement } => write!(f, "the spec no longer declares statement `{statement}`"),
            Kind::EmptyPolicy { statements } => write!(f, "no statement is left without {}", statements.join(", ")),
            Kind::NotRetained { retain_versions } => write!(f, "retain_versions is {retain_versions}"),
            Kind::Destroyed => f.write_str("the stack is destroyed"),
            Kind::RecordCodeSource => f.write_str("the tag records where the code came from"),
            Kind::CheckNextCode => f.write_str("the code deployed next is checked against it"),
            Kind::TagOfAnother { address } => write!(f, "the live mapping with its tag is declared as {address}"),
        }
    }
}

/// Writes that the things differ, or that `whole` does if none is named.
fn differ(f: &mut fmt::Formatter<'_>, things: &[String], whole: &str) -> fmt::Result {
    match things {
        [] => write!(f, "{whole} differs"),
        [one] => write!(f, "{one} differs"),
        many => write!(f, "{} differ", many.join(", ")),
    }
}

/// A reason as JSON: the code and its facts for programs, the text for people.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct StepReasonRecord {
    #[serde(flatten)]
    kind: StepReasonKind,
    /// The reason, as a phrase.
    message: String,
}

impl From<StepReason> for StepReasonRecord {
    fn from(reason: StepReason) -> Self {
        StepReasonRecord { message: reason.to_string(), kind: reason.0 }
    }
}

impl From<StepReasonRecord> for StepReason {
    fn from(record: StepReasonRecord) -> Self {
        // The text follows from the code, so that of a file is not believed.
        StepReason(record.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_a_code_its_facts_and_a_text_in_json() {
        let reason = StepReason::fields_differ(&[FieldPath::from("timeout"), FieldPath::from("memory_size")]);
        let json = serde_json::to_value(&reason).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "code": "fields_differ",
                "fields": ["timeout", "memory_size"],
                "message": "timeout, memory_size differ",
            })
        );
        assert_eq!(serde_json::from_value::<StepReason>(json).unwrap(), reason);
    }

    #[test]
    fn one_field_differs_and_several_differ() {
        let text = |fields: &[&str]| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            StepReason(StepReasonKind::FieldsDiffer { fields }).to_string()
        };
        assert_eq!([text(&[]), text(&["a"]), text(&["a", "b"])], ["it differs", "a differs", "a, b differ"]);
    }
}
