//! What an operation is allowed on: the resources of a statement, and the conditions that restrict it to those of the stack.

use std::sync::Arc;

use super::policy::{StatementScope, matches};
use crate::model::{KindId, Scope, TargetPart};
use crate::resource::{KindEntry, ResourceRef, STACK_TAG};
use crate::wire::{AuthorizedOn, Effect, Operation};

/// The scopes of the statements about a stack.
pub struct StatementScopes<'a> {
    /// The account, the region and the stack.
    pub scope: &'a Arc<Scope>,
    /// Patterns of names to name functions by.
    pub functions: &'a [String],
    /// Patterns of names to name roles by.
    pub roles: &'a [String],
}

impl StatementScopes<'_> {
    /// Returns the place of any resource of a kind.
    pub fn anything(&self, kind: KindId) -> ResourceRef {
        let top = ResourceRef::top(self.scope, kind);
        ResourceRef { names: ["*".to_owned()].into(), ..top }
    }

    /// Restricts a statement to what has the tag of the stack.
    pub fn only_tagged(&self, statement: &mut StatementScope) {
        statement.conditions.entry("StringEquals").or_default().extend([self.tag("ResourceTag")]);
    }

    /// Returns the condition that a tag names the stack: one of the resource, or of the request.
    fn tag(&self, of: &str) -> (String, Vec<String>) {
        (format!("aws:{of}/{STACK_TAG}"), vec![pattern(&self.scope.stack)])
    }

    fn arn(&self, rest: &str) -> String {
        let part = |part| self.scope.known(part).unwrap_or("*").to_owned();
        let partition = self.partition();
        format!("arn:{partition}:lambda:{}:{}:{rest}", part(TargetPart::Region), part(TargetPart::Account))
    }

    /// Returns the partition of the stack's region.
    pub fn partition(&self) -> &str {
        self.scope.known(TargetPart::Partition).unwrap_or("aws")
    }

    /// Returns the ARN of a role, or the pattern of those with such names in its account.
    pub fn role(&self, arn: &str) -> String {
        let Some((account, name)) = arn.split_once(":role/") else { return arn.to_owned() };
        match self.roles.iter().find(|pattern| matches(pattern, name)) {
            Some(pattern) => format!("{account}:role/{pattern}"),
            None => arn.to_owned(),
        }
    }

    /// Returns the ARNs of a resource, and the name of the statement about it.
    pub fn arns(&self, on: AuthorizedOn, name: &str) -> (&'static str, Vec<String>) {
        let name = pattern(name);
        let function = || {
            let chosen = self.functions.iter().find(|pattern| name != "*" && matches(pattern, &name));
            format!("function:{}", chosen.unwrap_or(&name))
        };
        match on {
            AuthorizedOn::Nothing | AuthorizedOn::Own => ("Account", vec!["*".to_owned()]),
            AuthorizedOn::NewMapping => ("EventSourceMappings", vec!["*".to_owned()]),
            AuthorizedOn::NewCodeSigningConfig => ("CodeSigningConfigs", vec!["*".to_owned()]),
            AuthorizedOn::Function => ("Functions", vec![self.arn(&function())]),
            AuthorizedOn::Version => ("FunctionsAndVersions", vec![self.arn(&format!("{}:*", function()))]),
            // The pattern covers versions and aliases too.
            AuthorizedOn::Qualified if name == "*" => ("Functions", vec![self.arn("function:*")]),
            AuthorizedOn::Qualified => {
                ("FunctionsAndVersions", vec![self.arn(&function()), self.arn(&format!("{}:*", function()))])
            }
            AuthorizedOn::Layer => ("Layers", vec![self.arn(&format!("layer:{name}"))]),
            AuthorizedOn::LayerVersion => ("Layers", vec![self.arn(&format!("layer:{name}:*"))]),
            AuthorizedOn::Mapping => ("EventSourceMappings", vec![self.arn("event-source-mapping:*")]),
            AuthorizedOn::CodeSigningConfig => ("CodeSigningConfigs", vec![self.arn("code-signing-config:*")]),
            AuthorizedOn::CapacityProvider => {
                ("CapacityProviders", vec![self.arn(&format!("capacity-provider:{name}"))])
            }
        }
    }

    /// Returns what an operation of a kind is allowed on.
    pub fn of(&self, kind: &KindEntry, operation: Operation, at: &ResourceRef) -> Vec<StatementScope> {
        let on = on(kind, operation);
        let (name, resources) = self.arns(on, at.outer());
        let mut statement = StatementScope { name, resources, conditions: Default::default() };
        let is_read = operation.effect() == Effect::Read;
        match on {
            // A mapping that is gone belongs to no function, and its last read says that it is gone.
            AuthorizedOn::NewMapping | AuthorizedOn::Mapping
                if !is_read && operation.authorized_on() != AuthorizedOn::Own =>
            {
                let (_, functions) = self.arns(AuthorizedOn::Qualified, at.outer());
                let mut own = statement;
                let mut of_functions = own.clone();
                self.only_tagged(&mut own);
                of_functions.conditions.insert("ArnLike", [("lambda:FunctionArn".to_owned(), functions)].into());
                // One that moves belongs to another function until then, and one that is adopted has no tag yet.
                return match (on, at.outer()) {
                    (AuthorizedOn::NewMapping, _) => vec![of_functions],
                    (_, "*") => vec![own],
                    _ => vec![own, of_functions],
                };
            }
            AuthorizedOn::NewCodeSigningConfig => {
                statement.conditions.insert("StringEquals", [self.tag("RequestTag")].into());
            }
            AuthorizedOn::Mapping | AuthorizedOn::CodeSigningConfig if !is_read => {
                let mut new = statement.clone();
                self.only_tagged(&mut statement);
                if operation == Operation::TagResource {
                    new.conditions.insert("StringEquals", [self.tag("RequestTag")].into());
                    // What another stack owns is not new.
                    let (key, _) = self.tag("ResourceTag");
                    new.conditions.insert("Null", [(key, vec!["true".to_owned()])].into());
                    return vec![statement, new];
                }
            }
            _ => {}
        }
        vec![statement]
    }
}

/// Returns what IAM checks an operation of a kind on.
fn on(kind: &KindEntry, operation: Operation) -> AuthorizedOn {
    match operation.authorized_on() {
        AuthorizedOn::Own => kind.own(),
        on => on,
    }
}

/// Returns true for an operation on a function, whose tags are those of its versions and aliases too.
pub fn of_function(kind: &KindEntry, operation: Operation) -> bool {
    matches!(on(kind, operation), AuthorizedOn::Function | AuthorizedOn::Version | AuthorizedOn::Qualified)
}

/// Returns a text with `*` in the place of each expression whose value is not known.
pub fn pattern(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        shown.push_str(before);
        shown.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_wildcard() {
        assert_eq!(pattern("arn:aws:iam::${account}:role/${var.x}-r"), "arn:aws:iam::*:role/*-r");
        assert_eq!(pattern("orders"), "orders");
    }
}
