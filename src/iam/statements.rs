//! The actions of a command on the resources of a stack.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::policy::{IamPolicy, StatementScope, Statements, matches};
use crate::declaration::{Desired, Stack};
use crate::kinds::{self, KINDS};
use crate::model::{AddressMap, KindId, Scope, TargetPart};
use crate::resource::{Grant, GrantedResource, KindEntry, ResourceRef, STACK_TAG, field_traits};
use crate::wire::{AuthorizedOn, Effect, Operation};

/// The command that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyPurpose {
    /// `plan` and `verify`.
    Plan,
    /// `apply`.
    Apply,
    /// `drift`, and `plan --full`.
    Drift,
    /// `destroy`.
    Destroy,
}

/// The options of a policy.
#[derive(Clone, Debug, Default)]
pub struct PolicyOptions {
    /// Apply deletes what the spec does not declare.
    pub prune: bool,
    /// Apply replaces what loses data by that.
    pub allow_replace: bool,
    /// Patterns of names to name functions by in place of each one.
    pub functions: Vec<String>,
}

/// Returns the policy with which `import` reads everything that an account has.
pub fn import_policy() -> IamPolicy {
    let scope = Scope { account: None, region: None, stack: "*".to_owned() }.into();
    let mut builder = PolicyBuilder {
        scope: &scope,
        declared: &AddressMap::default(),
        functions: &[],
        statements: Statements::default(),
    };
    for kind in KINDS.iter() {
        let calls = kind.calls();
        let at = builder.anything(kind.id());
        builder.allow_all(kind, calls.reads, &at);
        builder.allow_all(kind, calls.searches, &at);
    }
    builder.statements.policy()
}

/// Returns the policy with which a command works on a stack.
pub fn policy(stack: &Stack, purpose: PolicyPurpose, options: &PolicyOptions) -> IamPolicy {
    let mut builder = PolicyBuilder {
        scope: &stack.scope,
        declared: &stack.resources,
        functions: &options.functions,
        statements: Statements::default(),
    };
    let prunes = options.prune || stack.prune || stack.resources.values().any(|it| it.prune);
    let writes = matches!(purpose, PolicyPurpose::Apply);
    for desired in stack.resources.values() {
        let kind = kinds::entry(desired.at.address.kind);
        let calls = kind.calls();
        builder.allow_all(kind, calls.reads, &desired.at);
        if writes {
            builder.allow_all(kind, calls.writes, &desired.at);
            if prunes {
                builder.allow_all(kind, calls.prunes, &desired.at);
            }
            let is_replaced = options.allow_replace && may_be_replaced(kind.schema());
            if is_replaced || kind.deletes_former(&desired.value) {
                builder.allow_all(kind, calls.deletes, &desired.at);
            }
        }
        let wanted = |grant: &Grant| grant.reads || writes;
        for grant in kind.grants(&desired.value).into_iter().filter(wanted) {
            builder.grant(desired, grant);
        }
    }
    let searches_all = purpose == PolicyPurpose::Drift || purpose == PolicyPurpose::Destroy || prunes;
    builder.search(searches_all);
    if purpose == PolicyPurpose::Destroy || (writes && prunes) {
        builder.delete();
    }
    builder.statements.policy()
}

/// Collects statements.
struct PolicyBuilder<'a> {
    scope: &'a Arc<Scope>,
    declared: &'a AddressMap<Desired>,
    /// Patterns of names of functions.
    functions: &'a [String],
    statements: Statements,
}

impl PolicyBuilder<'_> {
    fn allow_all(&mut self, kind: &KindEntry, operations: &[Operation], at: &ResourceRef) {
        for operation in operations {
            for statement in self.scopes(kind, *operation, at) {
                self.statements.allow(statement, operation.action());
            }
        }
    }

    /// Allows to read what the stack owns and the spec does not declare: all of it, or only what may be live under a former name.
    fn search(&mut self, is_thorough: bool) {
        let tops: BTreeSet<KindId> = self.declared.keys().map(|address| kinds::top(address.kind)).collect();
        let is_searched = |kind: &KindEntry| is_thorough || tops.contains(&kinds::top(kind.id()));
        for (kind, at) in self.places().into_iter().filter(|(kind, _)| is_searched(kind)) {
            let calls = kind.calls();
            // Whose a function is its tags say, which are read with it.
            let is_owner_read = kinds::above(kind.places()[0]).is_none();
            for operation in calls.reads.iter().chain(calls.searches) {
                for mut statement in self.scopes(kind, *operation, &at) {
                    if !is_owner_read && of_function(operation.authorized_on()) {
                        self.only_tagged(&mut statement);
                    }
                    self.statements.allow(statement, operation.action());
                }
            }
        }
    }

    /// Allows to delete what the stack owns, and what goes along: the mappings of its functions.
    fn delete(&mut self) {
        // A top resource says by its name which mappings are its own.
        let mappings = || KINDS.iter().filter(|kind| kind.own() == AuthorizedOn::Mapping);
        let is_function = |it: &&Desired| it.parent.is_none() && of_function(kinds::entry(it.at.address.kind).own());
        let functions = self.declared.values().filter(is_function);
        let of_functions = functions.flat_map(|it| mappings().map(move |kind| (kind, it.at.clone())));
        let places: Vec<_> = self.places().into_iter().chain(of_functions).collect();
        for (kind, at) in places {
            for operation in kind.calls().deletes {
                for mut statement in self.scopes(kind, *operation, &at) {
                    if of_function(operation.authorized_on()) || kind.own() == AuthorizedOn::CapacityProvider {
                        self.only_tagged(&mut statement);
                    }
                    self.statements.allow(statement, operation.action());
                }
            }
        }
    }

    /// Returns the place of any resource of a kind.
    fn anything(&self, kind: KindId) -> ResourceRef {
        let top = ResourceRef::top(self.scope, kind);
        ResourceRef { names: ["*".to_owned()].into(), ..top }
    }

    /// Returns where resources of the stack may be that the spec does not declare: anywhere, but for layers. They have no tags, so that
    /// nobody can say whose one of another name is.
    fn places(&self) -> Vec<(&'static KindEntry, ResourceRef)> {
        let of_kind = |kind: &'static KindEntry| {
            let top = kinds::top(kind.id());
            let is_layer = kinds::entry(top).own() == AuthorizedOn::LayerVersion;
            let declared = self.declared.values().filter(move |it| is_layer && it.at.address.kind == top);
            let anywhere = (!is_layer).then(|| self.anything(kind.id()));
            declared.map(|it| it.at.clone()).chain(anywhere).map(move |at| (kind, at)).collect::<Vec<_>>()
        };
        KINDS.iter().flat_map(of_kind).collect()
    }

    /// Restricts a statement to what has the tag of the stack.
    fn only_tagged(&self, statement: &mut StatementScope) {
        let tag = [(format!("aws:ResourceTag/{STACK_TAG}"), vec![self.stack_name()])];
        statement.conditions.entry("StringEquals").or_default().extend(tag);
    }

    fn stack_name(&self) -> String {
        pattern(&self.scope.stack)
    }

    fn arn(&self, rest: &str) -> String {
        let part = |part| self.scope.known(part).unwrap_or("*").to_owned();
        let partition = self.partition();
        format!("arn:{partition}:lambda:{}:{}:{rest}", part(TargetPart::Region), part(TargetPart::Account))
    }

    fn partition(&self) -> &str {
        self.scope.known(TargetPart::Partition).unwrap_or("aws")
    }

    /// Returns the ARNs of a resource, and the name of the statement about it.
    fn arns(&self, on: AuthorizedOn, name: &str) -> (&'static str, Vec<String>) {
        let name = pattern(name);
        let function = || {
            let chosen = self.functions.iter().find(|pattern| name == "*" || matches(pattern, &name));
            format!("function:{}", chosen.filter(|_| name != "*").unwrap_or(&name))
        };
        match on {
            AuthorizedOn::Nothing | AuthorizedOn::NewMapping | AuthorizedOn::NewCodeSigningConfig => {
                ("Account", vec!["*".to_owned()])
            }
            AuthorizedOn::Function => ("Functions", vec![self.arn(&function())]),
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
            AuthorizedOn::Tagged => ("Account", Vec::new()),
        }
    }

    /// Returns what an operation of a kind is allowed on.
    fn scopes(&self, kind: &KindEntry, operation: Operation, at: &ResourceRef) -> Vec<StatementScope> {
        let on = match operation.authorized_on() {
            AuthorizedOn::Tagged => kind.own(),
            on => on,
        };
        let (name, mut resources) = self.arns(on, at.outer());
        // What is below a function deletes a version of it, and never all of it.
        if operation == Operation::DeleteFunction {
            (_, resources) = self.arns(AuthorizedOn::Function, at.outer());
            if kinds::above(kind.places()[0]).is_some() {
                resources.iter_mut().for_each(|arn| arn.push_str(":*"));
            }
        }
        let mut statement = StatementScope { name, resources, conditions: Default::default() };
        let tag = |key: &str| (format!("aws:{key}/{STACK_TAG}"), vec![self.stack_name()]);
        let is_read = operation.effect() == Effect::Read;
        match on {
            // A mapping that is gone belongs to no function, and its last read says that it is gone.
            AuthorizedOn::NewMapping | AuthorizedOn::Mapping
                if !is_read && operation.authorized_on() != AuthorizedOn::Tagged =>
            {
                let (_, functions) = self.arns(AuthorizedOn::Qualified, at.outer());
                let mut own = StatementScope { name: "EventSourceMappings", ..statement };
                let mut of_functions = own.clone();
                own.conditions.insert("StringEquals", [tag("ResourceTag")].into());
                of_functions.conditions.insert("ArnLike", [("lambda:FunctionArn".to_owned(), functions)].into());
                // One that moves belongs to another function until then, and one that is adopted has no tag yet.
                return match (on, at.outer()) {
                    (AuthorizedOn::NewMapping, _) => vec![of_functions],
                    (_, "*") => vec![own],
                    _ => vec![own, of_functions],
                };
            }
            AuthorizedOn::NewCodeSigningConfig => {
                statement.conditions.insert("StringEquals", [tag("RequestTag")].into());
                statement.name = "CodeSigningConfigs";
            }
            AuthorizedOn::Mapping | AuthorizedOn::CodeSigningConfig if !is_read => {
                let mut new = statement.clone();
                statement.conditions.insert("StringEquals", [tag("ResourceTag")].into());
                if operation == Operation::TagResource {
                    new.conditions.insert("StringEquals", [tag("RequestTag")].into());
                    // What another stack owns is not new.
                    let (key, _) = tag("ResourceTag");
                    new.conditions.insert("Null", [(key, vec!["true".to_owned()])].into());
                    return vec![statement, new];
                }
            }
            _ => {}
        }
        vec![statement]
    }

    /// Allows actions on a resource that the spec names.
    fn grant(&mut self, desired: &Desired, grant: Grant) {
        let partition = self.partition();
        let mut conditions = super::policy::Conditions::new();
        let (name, resource) = match &grant.resource {
            GrantedResource::Arn(arn) => ("OtherResources", self.referred(desired, &grant, arn)),
            GrantedResource::Role(arn) => {
                let service = [("iam:PassedToService".to_owned(), vec!["lambda.amazonaws.com".to_owned()])];
                conditions.insert("StringEquals", service.into());
                ("PassRoles", pattern(arn))
            }
            GrantedResource::Object(path) => ("Objects", format!("arn:{partition}:s3:::{}", pattern(path))),
            GrantedResource::Image(uri) => ("Images", repository(partition, &pattern(uri))),
            GrantedResource::Any => ("Account", "*".to_owned()),
        };
        for action in grant.actions {
            let statement = StatementScope { name, resources: vec![resource.clone()], conditions: conditions.clone() };
            self.statements.allow(statement, *action);
        }
    }

    /// Returns an ARN, or the one of the resource of the stack that the field refers to.
    fn referred(&self, desired: &Desired, grant: &Grant, arn: &str) -> String {
        let template = desired.pending.iter().find(|(path, _)| grant.field.within(path)).map(|(_, template)| template);
        let target = template.and_then(|template| template.references().next()).map(|reference| &reference.target);
        let Some(target) = target.and_then(|target| self.declared.get(target)) else { return pattern(arn) };
        let (_, mut arns) = self.arns(kinds::entry(target.at.address.kind).own(), target.at.outer());
        arns.pop().unwrap_or_else(|| pattern(arn))
    }
}

/// Returns true if a field of the kind cannot change in place.
fn may_be_replaced(schema: &Value) -> bool {
    let is_fixed =
        [field_traits::IMMUTABLE, field_traits::FIXED_PRESENCE].iter().any(|it| field_traits::has(schema, it));
    let mut below = schema.as_object().into_iter().flat_map(|map| map.values());
    is_fixed || below.any(may_be_replaced)
}

/// Returns true for an operation on a function, whose tags are those of its versions and aliases too.
fn of_function(on: AuthorizedOn) -> bool {
    matches!(on, AuthorizedOn::Function | AuthorizedOn::Qualified)
}

/// Returns a text with `*` in the place of each expression whose value is not known.
fn pattern(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        shown.push_str(before);
        shown.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    shown + rest
}

/// Returns the ARN of the repository that an image is in: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
fn repository(partition: &str, uri: &str) -> String {
    let (registry, image) = uri.split_once('/').unwrap_or((uri, "*"));
    let mut parts = registry.split('.');
    let (account, region) = (parts.next().unwrap_or("*"), parts.nth(2).unwrap_or("*"));
    let name = image.split(['@', ':']).next().unwrap_or("*");
    format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_wildcard() {
        assert_eq!(pattern("arn:aws:iam::${account}:role/${var.x}-r"), "arn:aws:iam::*:role/*-r");
        assert_eq!(pattern("orders"), "orders");
    }

    #[test]
    fn an_image_is_in_a_repository() {
        let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/orders@sha256:00";
        assert_eq!(repository("aws", uri), "arn:aws:ecr:eu-west-1:123456789012:repository/team/orders");
    }
}
