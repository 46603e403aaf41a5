//! Tags of other tools, such as `!Ref`: the YAML library drops them, so a value would pass for the text behind its tag.

use super::raw::Raw;
use crate::declaration::report::{self, DiagnosticSink};
use crate::model::Span;

/// The tags of YAML's own schema, whose types the library reads. `!` makes a string.
const KNOWN: [&str; 8] = ["str", "int", "float", "bool", "null", "map", "seq", "merge"];
/// The beginning of YAML's own tags, which are written `!!str`.
const CORE: &str = "tag:yaml.org,2002:";

/// A tag that has no meaning in a spec.
pub(super) struct UnknownTag {
    /// The tag as it is written, such as `!GetAtt`.
    name: String,
    /// The way out; absent for a tag of no tool that is known.
    help: Option<String>,
    span: Span,
}

impl UnknownTag {
    /// Returns the tag of `value` if it has no meaning here.
    pub fn new(tag: &str, value: &Raw, span: Span) -> Option<UnknownTag> {
        let core = tag.strip_prefix(CORE);
        if tag == "!" || core.is_some_and(|name| KNOWN.contains(&name)) {
            return None;
        }
        let name = match core {
            Some(name) => format!("!!{name}"),
            None if tag.starts_with('!') => tag.to_owned(),
            None => format!("!<{tag}>"),
        };
        let text = match value {
            Raw::Text(text) | Raw::Plain(text) => text.as_str(),
            Raw::Null | Raw::List(_) | Raw::Map(_) => "",
        };
        let help = way_out(&name, text);
        Some(UnknownTag { name, help, span })
    }

    pub fn complain(self, report: &mut DiagnosticSink) {
        // A tag that no tool has may be the beginning of a secret without quotes.
        let is_local = !self.name.starts_with("!!") && !self.name.starts_with("!<");
        let tag = match self.help {
            None if is_local => "the YAML tag".to_owned(),
            _ => format!("the YAML tag `{}`", self.name),
        };
        let help = "remove the tag, or put a value that begins with `!` in quotes";
        report
            .error(report::TAG, self.span, format!("{tag} has no meaning in a spec"))
            .label("unknown tag")
            .help(self.help.unwrap_or_else(|| help.to_owned()));
    }
}

/// Returns the expression that does in a spec what the tag does in the tool that it comes from.
fn way_out(tag: &str, text: &str) -> Option<String> {
    let pseudo = match text.trim() {
        "AWS::Region" => Some("${region}"),
        "AWS::AccountId" => Some("${account}"),
        "AWS::Partition" => Some("${partition}"),
        "AWS::StackName" => Some("${stack}"),
        _ => None,
    };
    if let ("!Ref", Some(expression)) = (tag, pseudo) {
        return Some(format!("write `{expression}`"));
    }
    let name = tag.trim_start_matches('!').split(['#', ':', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let way = match name.as_str() {
        "ref" | "getatt" => {
            "write `${functions.NAME.arn}` for a resource of the spec, `${var.NAME}` for a value from elsewhere"
        }
        "sub" => "remove the tag: `${var.NAME}`, `${region}` and `${functions.NAME.arn}` are filled in without it",
        "join" | "split" | "select" | "base64" | "cidr" | "length" | "tojsonstring" => {
            "write the resulting value, with `${var.NAME}` or `${functions.NAME.arn}` for its variable parts"
        }
        "importvalue" | "findinmap" | "transform" | "getazs" => {
            "declare a variable under `vars:`, write `${var.NAME}`, and set it with `--var` or `--var-file`"
        }
        "if" | "equals" | "not" | "and" | "or" | "condition" => {
            "write what differs between stages in a second file, and pass it with `-f`"
        }
        "include" | "include_dir" | "inherit" | "reference" | "extend" => {
            "pass the other file with `-f`, or use an anchor (`&name`, `*name`) within one file"
        }
        "env" | "vault" | "secret" | "encrypted" | "ssm" | "kms" | "sops" => {
            "write `${env.NAME}`, and set the environment variable when you run trueup"
        }
        _ => return None,
    };
    Some(way.to_owned())
}
