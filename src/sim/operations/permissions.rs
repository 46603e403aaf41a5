//! Who else may use a function: one policy a qualifier, written statement by statement or as a whole.
//!
//! The policy of the function, of each version and of each alias are apart, each with a RevisionId of its own.

use serde_json::json;

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, Name, is_version};
use crate::sim::context::lookup::no_alias;
use crate::sim::context::request::{Call, Here, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::Function;
use crate::sim::store::policy_document::{OrderedJson, Policy};

/// The largest policy, in bytes of its text.
const LIMIT: usize = 20_480;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddPermission" => add,
        "RemovePermission" => remove,
        "GetPolicy" => get,
        "PutResourcePolicy" => put_document,
        "GetResourcePolicy" => get_document,
        "DeleteResourcePolicy" => delete_document,
        _ => return None,
    })
}

/// The key of a qualifier's policy: nothing for the function itself.
fn key(name: &Name) -> &str {
    name.qualifier.as_deref().unwrap_or_default()
}

/// Refuses a qualifier that names nothing.
fn check_qualifier(here: Here<'_>, function: &Function, name: &Name) -> Result<(), Fault> {
    match name.qualifier.as_deref() {
        None => Ok(()),
        Some(qualifier) if function.version_of(qualifier).is_some() => Ok(()),
        // No alias can have such a name, so none is looked for.
        Some(qualifier) if is_version(qualifier) || qualifier.contains('$') => Err(name.missing(here)),
        Some(qualifier) => Err(no_alias(here, &name.name, qualifier)),
    }
}

fn add(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(Fault::invalid("We currently do not support adding policies for $LATEST."));
    }
    let principal = principal(call)?;
    let function = call.region.functions.get(&name.name).ok_or_else(|| name.missing(call.here))?;
    check_qualifier(call.here, function, &name)?;
    let id = call.required("StatementId");
    let before = function.policies.get(key(&name));
    check_revision(call, function, &name, before)?;
    if before.is_some_and(|policy| policy.has(&id)) {
        return Err(taken(&id));
    }
    let statement = statement(call, &id, principal, &name.arn(call.here));
    let policy = before.cloned().unwrap_or_else(Policy::empty).with(statement.clone());
    write(call, &name, policy)?;
    Ok(Reply::json(json!({"Statement": statement.print()})))
}

/// The answer to an id that a policy has already.
pub(crate) fn taken(id: &str) -> Fault {
    Fault::conflict(format!(
        "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
    ))
}

/// The answer to an id that a policy does not have.
pub(crate) fn no_statement(id: &str) -> Fault {
    Fault::missing(format!("Statement {id} is not found in resource policy."))
}

/// The answer where no policy is.
pub(crate) fn no_policy() -> Fault {
    Fault::missing("No policy is associated with the given resource.")
}

/// The precondition of policies; `read` is the operation that tells the current id.
pub(crate) fn stale(read: &str) -> Fault {
    Fault::new(
        "PreconditionFailedException",
        format!(
            "The Revision Id provided does not match the latest Revision Id. Call the {read} API to retrieve the latest Revision Id"
        ),
    )
}

/// The precondition of a policy that there is, which is the policy's own id and no other.
fn check_policy_revision(call: &Call<'_>, policy: &Policy) -> Result<(), Fault> {
    match call.text("RevisionId") {
        Some(given) if given != policy.revision => Err(stale("GetPolicy")),
        _ => Ok(()),
    }
}

/// The precondition of a policy that there may not be yet. Recorded: an alias without one is known by the alias' id, and the
/// function itself by the function's, even where it has a policy.
fn check_revision(call: &Call<'_>, function: &Function, name: &Name, policy: Option<&Policy>) -> Result<(), Fault> {
    let Some(given) = call.text("RevisionId") else { return Ok(()) };
    if let (Some(policy), Some(_)) = (policy, &name.qualifier) {
        return check_policy_revision(call, policy);
    }
    let of_target = match function.aliases.get(key(name)) {
        Some(alias) => Some(alias.revision.as_str()),
        None => function.snapshot(name.or_latest()).map(|version| version.revision.as_str()),
    };
    let of_policy = policy.map(|policy| policy.revision.as_str());
    if of_policy == Some(given) || of_target == Some(given) { Ok(()) } else { Err(stale("GetPolicy")) }
}

fn principal(call: &Call<'_>) -> Result<OrderedJson, Fault> {
    let given = call.required("Principal");
    let account = given.len() == 12 && given.bytes().all(|byte| byte.is_ascii_digit());
    let object = |kind: &str, text: String| OrderedJson::object([(kind, OrderedJson::text(text))]);
    if given == "*" {
        Ok(OrderedJson::text("*"))
    } else if account {
        Ok(object("AWS", format!("arn:{}:iam::{given}:root", call.here.partition())))
    } else if is_principal_arn(&given) {
        Ok(object("AWS", given))
    } else if is_service(&given) {
        Ok(object("Service", given))
    } else {
        Err(Fault::invalid("The provided principal was invalid. Please check the principal and try again."))
    }
}

/// A user, a role, an account or a session; IAM knows no others.
fn is_principal_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && matches!(parts.next(), Some("iam" | "sts"))
        && parts.nth(2).is_some_and(|rest| !rest.is_empty())
}

fn is_service(text: &str) -> bool {
    let host = text.strip_suffix(".cn").unwrap_or(text);
    let name = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazon.com"));
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(letter))
}

fn statement(call: &Call<'_>, id: &str, principal: OrderedJson, resource: &str) -> OrderedJson {
    let text =
        |member: &str, key: &'static str| call.text(member).map(|text| (key.to_owned(), OrderedJson::text(text)));
    let equals = [
        text("SourceAccount", "AWS:SourceAccount"),
        text("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        text("PrincipalOrgID", "aws:PrincipalOrgID"),
        text("EventSourceToken", "lambda:EventSourceToken"),
    ];
    // Recorded: a yes is written as a text, and a no is not written at all.
    let by_url = call.flag("InvokedViaFunctionUrl");
    let by_url = by_url.then(|| ("lambda:InvokedViaFunctionUrl".to_owned(), OrderedJson::text("true")));
    let conditions = [
        ("StringEquals", equals.into_iter().flatten().collect()),
        ("ArnLike", text("SourceArn", "AWS:SourceArn").into_iter().collect()),
        ("Bool", by_url.into_iter().collect::<indexmap::IndexMap<_, _>>()),
    ];
    let conditions: indexmap::IndexMap<_, _> = conditions
        .into_iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(operator, keys)| (operator.to_owned(), OrderedJson::Object(keys)))
        .collect();
    let mut statement = OrderedJson::object([
        ("Sid", OrderedJson::text(id)),
        ("Effect", OrderedJson::text("Allow")),
        ("Principal", principal),
        ("Action", OrderedJson::text(call.required("Action"))),
        ("Resource", OrderedJson::text(resource)),
    ]);
    if let (OrderedJson::Object(members), false) = (&mut statement, conditions.is_empty()) {
        members.insert("Condition".to_owned(), OrderedJson::Object(conditions));
    }
    statement
}

/// Keeps a changed policy under a new RevisionId.
fn write(call: &mut Call<'_>, name: &Name, mut policy: Policy) -> Result<(), Fault> {
    check_size(&policy)?;
    policy.revision = call.mint.uuid(&name.arn(call.here));
    let function = call.region.functions.modify(&name.name).ok_or_else(|| name.missing_function(call.here))?;
    if policy.is_empty() {
        function.policies.remove(key(name));
    } else {
        function.policies.insert(key(name).to_owned(), policy);
    }
    Ok(())
}

/// Refuses a policy that grew too large.
pub(crate) fn check_size(policy: &Policy) -> Result<(), Fault> {
    let size = policy.document.print().len();
    if size <= LIMIT {
        return Ok(());
    }
    let text = format!("The final policy size ({size}) is bigger than the limit ({LIMIT}).");
    Err(Fault::new("PolicyLengthExceededException", text))
}

fn remove(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let missing = || Fault::missing(format!("No policy found for: {}", name.arn(call.here)));
    let function = call.region.functions.get(&name.name).ok_or_else(missing)?;
    check_qualifier(call.here, function, &name)?;
    let policy = function.policies.get(key(&name)).ok_or_else(no_policy)?;
    let id = call.required("StatementId");
    if !policy.has(&id) {
        return Err(no_statement(&id));
    }
    check_policy_revision(call, policy)?;
    let policy = policy.without(&id);
    write(call, &name, policy)?;
    Ok(Reply::empty())
}

/// The policy that the name names. Recorded: what is missing on the way to it is not told apart.
fn found<'a>(call: &'a Call<'_>, name: &Name) -> Result<&'a Policy, Fault> {
    let policy = call.region.functions.get(&name.name).and_then(|function| function.policies.get(key(name)));
    policy.ok_or_else(|| Fault::missing("The resource you requested does not exist."))
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    Ok(shown(found(call, &name)?))
}

/// A policy as its readers see it: a text within the answer.
pub(crate) fn shown(policy: &Policy) -> Reply {
    Reply::json(json!({"Policy": policy.document.print(), "RevisionId": policy.revision}))
}

fn put_document(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = Name::read(call.here, &call.required("ResourceArn"))?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(Fault::invalid("We currently do not support adding policies for $LATEST."));
    }
    let function = call.region.functions.get(&name.name).ok_or_else(|| name.missing(call.here))?;
    check_qualifier(call.here, function, &name)?;
    let before = function.policies.get(key(&name));
    check_revision(call, function, &name, before)?;
    let document = serde_json::from_str::<OrderedJson>(&call.required("Policy")).ok();
    let policy = document.map(|document| Policy { document, revision: String::new() });
    let policy = policy.filter(|policy| !policy.is_empty());
    let policy = policy.ok_or_else(|| Fault::invalid("The provided policy document is not valid."))?;
    write(call, &name, policy)?;
    Ok(shown(found(call, &name)?))
}

fn get_document(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = Name::read(call.here, &call.required("ResourceArn"))?;
    Ok(shown(found(call, &name)?))
}

fn delete_document(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = Name::read(call.here, &call.required("ResourceArn"))?;
    let policy = found(call, &name)?;
    check_policy_revision(call, policy)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.policies.remove(key(&name));
    }
    Ok(Reply::empty())
}
