//! `${…}` in values: variables and the environment are filled in here, references to resources are left for later.

use std::collections::BTreeMap;

use super::nearest;

/// How deep a default may hold another `${…}`.
const DEPTH: usize = 8;

/// What can be filled in.
pub struct Known<'a> {
    /// The variables of the spec.
    pub vars: &'a BTreeMap<String, String>,
    /// The environment.
    pub environment: &'a BTreeMap<String, String>,
    /// The account's digits.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// The stack's name.
    pub stack: &'a str,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A mention of a resource, as written: `functions.orders.arn`.
    Mention(String),
}

/// A value with its variables filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filled {
    /// Its parts.
    pub parts: Vec<Part>,
    /// Values that came from the environment.
    pub secrets: Vec<String>,
    /// Whether anything was filled in at all.
    pub changed: bool,
}

impl Filled {
    /// The text, if no resource is mentioned.
    pub fn text(&self) -> Option<String> {
        self.parts.iter().try_fold(String::new(), |text, part| match part {
            Part::Text(more) => Some(text + more),
            Part::Mention(_) => None,
        })
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }
}

/// What is wrong with a `${…}`, and what to do.
pub type Wrong = (String, String);

/// Fills in a text.
pub fn interpolate(text: &str, known: &Known<'_>) -> Result<Filled, Wrong> {
    let mut filled = Filled::default();
    fill(text, known, &mut filled, 0)?;
    if filled.parts.is_empty() {
        filled.parts.push(Part::Text(String::new()));
    }
    Ok(filled)
}

fn fill(text: &str, known: &Known<'_>, filled: &mut Filled, depth: usize) -> Result<(), Wrong> {
    if depth > DEPTH {
        return Err(("defaults within defaults go too deep".to_owned(), "write the value out".to_owned()));
    }
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            filled.push("${");
            filled.changed = true;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let end = closing(after).ok_or_else(|| {
                (
                    "`${` is not closed".to_owned(),
                    "add the `}`, or write `$${` for the characters themselves".to_owned(),
                )
            })?;
            expression(&after[..end], known, filled, depth)?;
            filled.changed = true;
            rest = &after[end + 1..];
        } else {
            filled.push("$");
            rest = &rest[1..];
        }
    }
    filled.push(rest);
    Ok(())
}

/// Where the `}` is that closes what was opened before this text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

fn expression(text: &str, known: &Known<'_>, filled: &mut Filled, depth: usize) -> Result<(), Wrong> {
    let cut = [text.find(":-"), text.find(":?")].into_iter().flatten().min();
    let (name, otherwise) = cut.map_or((text, None), |at| (&text[..at], Some((&text[at..at + 2], &text[at + 2..]))));
    let name = name.trim();
    let (value, is_environment) = match name.split_once('.') {
        Some(("var", var)) => (known.vars.get(var).map(String::as_str), false),
        Some(("env", env)) => (known.environment.get(env).map(String::as_str), true),
        None if name == "account" => (Some(known.account), false),
        None if name == "region" => (Some(known.region), false),
        None if name == "stack" => (Some(known.stack), false),
        Some(_) if otherwise.is_none() => {
            filled.parts.push(Part::Mention(name.to_owned()));
            return Ok(());
        }
        _ => {
            let help = "use `${var.X}`, `${env.X}`, `${account}`, `${region}`, `${stack}` or a resource such as `${functions.orders.arn}`";
            return Err((format!("`${{{name}}}` means nothing"), help.to_owned()));
        }
    };
    // As in a shell with the colon, what is empty counts as unset where there is an alternative.
    match (value.filter(|value| otherwise.is_none() || !value.is_empty()), otherwise) {
        (Some(value), _) => {
            if is_environment {
                filled.secrets.push(value.to_owned());
            }
            filled.push(value);
            Ok(())
        }
        (None, Some((":-", default))) => fill(default, known, filled, depth + 1),
        (None, Some((_, message))) => Err((format!("`{name}` is not set: {message}"), remedy(name, known))),
        (None, None) => Err((format!("`{name}` is not set"), remedy(name, known))),
    }
}

fn remedy(name: &str, known: &Known<'_>) -> String {
    match name.split_once('.') {
        Some(("var", var)) => match nearest(var, known.vars.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `var.{near}`?"),
            None => format!("declare it under `vars:`, or give `--var {var}=…`"),
        },
        Some((_, env)) => format!("set {env} in the environment, or give a default: `${{env.{env}:-…}}`"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with<T>(check: impl FnOnce(&Known<'_>) -> T) -> T {
        let vars = BTreeMap::from([("stage".to_owned(), "dev".to_owned()), ("empty".to_owned(), String::new())]);
        let environment = BTreeMap::from([("TOKEN".to_owned(), "secret".to_owned())]);
        check(&Known { vars: &vars, environment: &environment, account: "1", region: "r", stack: "s" })
    }

    #[test]
    fn every_form_means_what_the_reference_says() {
        with(|known| {
            let text = |source| interpolate(source, known).map(|filled| filled.text());
            assert_eq!(text("a-${var.stage}-${account}"), Ok(Some("a-dev-1".to_owned())));
            assert_eq!(text("${var.none:-x${var.stage}y}"), Ok(Some("xdevy".to_owned())));
            assert_eq!(text("${var.empty:-x}${var.empty}"), Ok(Some("x".to_owned())));
            assert_eq!(text("$${var.stage} costs $5"), Ok(Some("${var.stage} costs $5".to_owned())));
            assert_eq!(text("${functions.a.arn}"), Ok(None));
            assert_eq!(interpolate("${env.TOKEN}", known).unwrap().secrets, ["secret"]);
            assert_eq!(text("${env.NONE:?set it in CI}").unwrap_err().0, "`env.NONE` is not set: set it in CI");
            assert_eq!(text("${var.stagee}").unwrap_err().1, "did you mean `var.stage`?");
            assert_eq!(text("${var.stage").unwrap_err().0, "`${` is not closed");
            assert_eq!(text("${what}").unwrap_err().0, "`${what}` means nothing");
        });
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[${}:?.a-c-]{0,40}") {
            with(|known| drop(interpolate(&text, known)));
        }
    }
}
