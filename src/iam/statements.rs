//! The actions of a command on the resources of a stack.

use std::collections::BTreeSet;

use serde_json::Value;

use super::policy::{IamPolicy, StatementScope, Statements};
use super::scopes::{StatementScopes, of_function, pattern};
use crate::declaration::{Desired, Stack};
use crate::kinds::{self, KINDS};
use crate::model::{AddressMap, KindId, Scope};
use crate::resource::{Grant, GrantedResource, KindEntry, ResourceRef, field_traits};
use crate::wire::{AuthorizedOn, Operation};

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
    /// Patterns of names to name the roles of functions by.
    pub roles: Vec<String>,
}

/// Returns the policy with which `import` reads everything that an account has.
pub fn import_policy() -> IamPolicy {
    let scope = Scope { account: None, region: None, stack: "*".to_owned() }.into();
    let mut builder = PolicyBuilder {
        scopes: StatementScopes { scope: &scope, functions: &[], roles: &[] },
        declared: &AddressMap::default(),
        statements: Statements::default(),
    };
    for kind in KINDS.iter() {
        let calls = kind.calls();
        let at = builder.scopes.anything(kind.id());
        builder.allow_all(kind, calls.reads, &at);
        builder.allow_all(kind, calls.searches, &at);
    }
    builder.statements.policy()
}

/// Returns the policy with which a command works on a stack.
pub fn policy(stack: &Stack, purpose: PolicyPurpose, options: &PolicyOptions) -> IamPolicy {
    let mut builder = PolicyBuilder {
        scopes: StatementScopes { scope: &stack.scope, functions: &options.functions, roles: &options.roles },
        declared: &stack.resources,
        statements: Statements::default(),
    };
    let prunes = options.prune || stack.prunes_anything();
    let writes = matches!(purpose, PolicyPurpose::Apply);
    for desired in stack.resources.values() {
        let kind = kinds::entry(desired.at.address.kind);
        let calls = kind.calls();
        builder.allow_all(kind, calls.reads, &desired.at);
        if writes {
            builder.allow_all(kind, calls.writes, &desired.at);
            if options.prune || desired.prune {
                builder.allow_all(kind, calls.prunes, &desired.at);
            }
            for field in KINDS.iter().filter(|it| it.lifecycle().is_parent_field && is_directly_below(it, kind)) {
                // Without its line, a field of the resource is deleted.
                builder.allow_all(field, field.calls().deletes, &desired.at);
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
    scopes: StatementScopes<'a>,
    declared: &'a AddressMap<Desired>,
    statements: Statements,
}

impl PolicyBuilder<'_> {
    fn allow_all(&mut self, kind: &KindEntry, operations: &[Operation], at: &ResourceRef) {
        for operation in operations {
            for statement in self.scopes.of(kind, *operation, at) {
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
                for mut statement in self.scopes.of(kind, *operation, &at) {
                    if !is_owner_read && of_function(kind, *operation) {
                        self.scopes.only_tagged(&mut statement);
                    }
                    self.statements.allow(statement, operation.action());
                }
            }
        }
    }

    /// Allows to delete what the stack owns, and what goes along: the mappings of its functions.
    fn delete(&mut self) {
        let mappings = || KINDS.iter().filter(|kind| kind.own() == AuthorizedOn::Mapping);
        let is_function =
            |it: &&Desired| it.parent.is_none() && kinds::entry(it.at.address.kind).own() == AuthorizedOn::Function;
        let functions = self.declared.values().filter(is_function);
        let of_functions = functions.flat_map(|it| mappings().map(move |kind| (kind, it.at.clone())));
        let places: Vec<_> = self.places().into_iter().chain(of_functions).collect();
        for (kind, at) in places {
            for operation in kind.calls().deletes {
                for mut statement in self.scopes.of(kind, *operation, &at) {
                    if of_function(kind, *operation) || kind.own() == AuthorizedOn::CapacityProvider {
                        self.scopes.only_tagged(&mut statement);
                    }
                    self.statements.allow(statement, operation.action());
                }
            }
        }
    }

    /// Returns where resources of the stack may be that the spec does not declare: anywhere, but for layers. They have no tags, so that
    /// nobody can say whose one of another name is.
    fn places(&self) -> Vec<(&'static KindEntry, ResourceRef)> {
        let of_kind = |kind: &'static KindEntry| {
            let top = kinds::top(kind.id());
            let is_tagged = kinds::entry(top).lifecycle().is_tagged;
            let declared = self.declared.values().filter(move |it| !is_tagged && it.at.address.kind == top);
            let anywhere = is_tagged.then(|| self.scopes.anything(kind.id()));
            declared.map(|it| it.at.clone()).chain(anywhere).map(move |at| (kind, at)).collect::<Vec<_>>()
        };
        KINDS.iter().flat_map(of_kind).collect()
    }

    /// Allows actions on a resource that the spec names.
    fn grant(&mut self, desired: &Desired, grant: Grant) {
        let partition = self.scopes.partition();
        let mut conditions = super::policy::Conditions::new();
        let (name, resource) = match &grant.resource {
            GrantedResource::Arn(arn) => ("OtherResources", self.referred(desired, &grant, arn)),
            GrantedResource::Role(arn) => {
                let service = [("iam:PassedToService".to_owned(), vec!["lambda.amazonaws.com".to_owned()])];
                conditions.insert("StringEquals", service.into());
                ("PassRoles", self.scopes.role(&pattern(arn)))
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
        let (_, mut arns) = self.scopes.arns(kinds::entry(target.at.address.kind).own(), target.at.outer());
        arns.pop().unwrap_or_else(|| pattern(arn))
    }
}

/// Tests if resources of a kind stand right below those of another one in a spec.
fn is_directly_below(kind: &KindEntry, above: &KindEntry) -> bool {
    kinds::above(kind.places()[0]).is_some_and(|(entry, _)| entry.id() == above.id())
}

/// Returns true if a field of the kind cannot change in place.
fn may_be_replaced(schema: &Value) -> bool {
    let is_fixed =
        [field_traits::IMMUTABLE, field_traits::FIXED_PRESENCE].iter().any(|it| field_traits::has(schema, it));
    let mut below = schema.as_object().into_iter().flat_map(|map| map.values());
    is_fixed || below.any(may_be_replaced)
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
    fn an_image_is_in_a_repository() {
        let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/orders@sha256:00";
        assert_eq!(repository("aws", uri), "arn:aws:ecr:eu-west-1:123456789012:repository/team/orders");
    }
}
