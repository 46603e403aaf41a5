//! The resource policies of functions: one a qualifier, written statement by statement or as a whole.
//!
//! The policy of the function, of each version and of each alias are apart, each with a RevisionId of its own.

use serde_json::json;

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST, is_version};
use crate::sim::context::lookup::no_alias;
use crate::sim::context::request::{Arguments, OperationFn, RequestContext};
use crate::sim::http::response::Reply;
use crate::sim::store::function::Function;
use crate::sim::store::policy_document::{OrderedJson, Policy};

/// The largest policy, in bytes of its text.
const LIMIT: usize = 20_480;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
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
fn key(name: &FunctionName) -> &str {
    name.qualifier.as_deref().unwrap_or_default()
}

/// Refuses a qualifier that names nothing.
fn check_qualifier(context: RequestContext<'_>, function: &Function, name: &FunctionName) -> Result<(), ApiError> {
    match name.qualifier.as_deref() {
        None => Ok(()),
        Some(qualifier) if function.version_of(qualifier).is_some() => Ok(()),
        // No alias can have such a name, so none is looked for.
        Some(qualifier) if is_version(qualifier) || qualifier.contains('$') => Err(name.not_found(context)),
        Some(qualifier) => Err(no_alias(context, &name.name, qualifier)),
    }
}

fn add(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(ApiError::invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    let principal = principal(args)?;
    let function = args.region.functions.get(&name.name).ok_or_else(|| name.not_found(args.context))?;
    check_qualifier(args.context, function, &name)?;
    let id = args.required("StatementId");
    let before = function.policies.get(key(&name));
    check_revision(args, function, &name, before)?;
    if before.is_some_and(|policy| policy.has(&id)) {
        return Err(taken(&id));
    }
    let statement = statement(args, &id, principal, &name.arn(args.context));
    let policy = before.cloned().unwrap_or_else(Policy::empty).with(statement.clone());
    write(args, &name, policy)?;
    Ok(Reply::json(json!({"Statement": statement.print()})))
}

/// The answer to an id that a policy has already.
pub(crate) fn taken(id: &str) -> ApiError {
    ApiError::conflict(format!(
        "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
    ))
}

/// The answer to an id that a policy does not have.
pub(crate) fn no_statement(id: &str) -> ApiError {
    ApiError::not_found(format!("Statement {id} is not found in resource policy."))
}

/// The answer where no policy is.
pub(crate) fn no_policy() -> ApiError {
    ApiError::not_found("No policy is associated with the given resource.")
}

/// The precondition of policies; `read` is the operation that returns the current id.
pub(crate) fn stale(read: &str) -> ApiError {
    ApiError::new(
        "PreconditionFailedException",
        format!(
            "The Revision Id provided does not match the latest Revision Id. Call the {read} API to retrieve the latest Revision Id"
        ),
    )
}

/// The precondition of a policy that there is, which is the policy's own id and no other.
fn check_policy_revision(args: &Arguments<'_>, policy: &Policy) -> Result<(), ApiError> {
    match args.text("RevisionId") {
        Some(given) if given != policy.revision => Err(stale("GetPolicy")),
        _ => Ok(()),
    }
}

/// The precondition of a policy that there may not be yet. Recorded: an alias without one is known by the alias' id, and the
/// function itself by the function's, even where it has a policy.
fn check_revision(
    args: &Arguments<'_>,
    function: &Function,
    name: &FunctionName,
    policy: Option<&Policy>,
) -> Result<(), ApiError> {
    let Some(given) = args.text("RevisionId") else { return Ok(()) };
    if let (Some(policy), Some(_)) = (policy, &name.qualifier) {
        return check_policy_revision(args, policy);
    }
    let of_target = match function.aliases.get(key(name)) {
        Some(alias) => Some(alias.revision.as_str()),
        None => function.snapshot(name.qualifier_or_latest()).map(|version| version.revision.as_str()),
    };
    let of_policy = policy.map(|policy| policy.revision.as_str());
    if of_policy == Some(given) || of_target == Some(given) { Ok(()) } else { Err(stale("GetPolicy")) }
}

fn principal(args: &Arguments<'_>) -> Result<OrderedJson, ApiError> {
    let given = args.required("Principal");
    let account = given.len() == 12 && given.bytes().all(|byte| byte.is_ascii_digit());
    let object = |kind: &str, text: String| OrderedJson::object([(kind, OrderedJson::text(text))]);
    if given == "*" {
        Ok(OrderedJson::text("*"))
    } else if account {
        Ok(object("AWS", format!("arn:{}:iam::{given}:root", args.context.partition())))
    } else if is_principal_arn(&given) {
        Ok(object("AWS", given))
    } else if is_service(&given) {
        Ok(object("Service", given))
    } else {
        Err(ApiError::invalid_parameter(
            "The provided principal was invalid. Please check the principal and try again.",
        ))
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

/// The ends of the names of services, of all partitions.
const SERVICE_DOMAINS: [&str; 9] = [
    ".amazonaws.com",
    ".amazon.com",
    ".amazonaws.com.cn",
    ".amazon.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

fn is_service(text: &str) -> bool {
    let name = SERVICE_DOMAINS.iter().find_map(|domain| text.strip_suffix(domain));
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(letter))
}

fn statement(args: &Arguments<'_>, id: &str, principal: OrderedJson, resource: &str) -> OrderedJson {
    let text =
        |member: &str, key: &'static str| args.text(member).map(|text| (key.to_owned(), OrderedJson::text(text)));
    let equals = [
        text("SourceAccount", "AWS:SourceAccount"),
        text("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        text("PrincipalOrgID", "aws:PrincipalOrgID"),
        text("EventSourceToken", "lambda:EventSourceToken"),
    ];
    // Recorded: true is written as a string, and false is not written at all.
    let by_url = args.flag("InvokedViaFunctionUrl");
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
        ("Action", OrderedJson::text(args.required("Action"))),
        ("Resource", OrderedJson::text(resource)),
    ]);
    if let (OrderedJson::Object(members), false) = (&mut statement, conditions.is_empty()) {
        members.insert("Condition".to_owned(), OrderedJson::Object(conditions));
    }
    statement
}

/// Stores a changed policy under a new RevisionId.
fn write(args: &mut Arguments<'_>, name: &FunctionName, mut policy: Policy) -> Result<(), ApiError> {
    check_size(&policy)?;
    policy.revision = args.ids.uuid(&name.arn(args.context));
    let function = args.region.functions.modify(&name.name).ok_or_else(|| name.function_not_found(args.context))?;
    if policy.is_empty() {
        function.policies.remove(key(name));
    } else {
        function.policies.insert(key(name).to_owned(), policy);
    }
    Ok(())
}

/// Refuses a policy that grew too large.
pub(crate) fn check_size(policy: &Policy) -> Result<(), ApiError> {
    let size = policy.document.print().len();
    if size <= LIMIT {
        return Ok(());
    }
    let text = format!("The final policy size ({size}) is bigger than the limit ({LIMIT}).");
    Err(ApiError::new("PolicyLengthExceededException", text))
}

fn remove(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let missing = || ApiError::not_found(format!("No policy found for: {}", name.arn(args.context)));
    let function = args.region.functions.get(&name.name).ok_or_else(missing)?;
    check_qualifier(args.context, function, &name)?;
    let policy = function.policies.get(key(&name)).ok_or_else(no_policy)?;
    let id = args.required("StatementId");
    if !policy.has(&id) {
        return Err(no_statement(&id));
    }
    check_policy_revision(args, policy)?;
    let policy = policy.without(&id);
    write(args, &name, policy)?;
    Ok(Reply::empty())
}

/// The policy that the name names. Recorded: the error does not say what is missing on the way to it.
fn existing<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a Policy, ApiError> {
    let policy = args.region.functions.get(&name.name).and_then(|function| function.policies.get(key(name)));
    policy.ok_or_else(|| ApiError::not_found("The resource you requested does not exist."))
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    Ok(shown(existing(args, &name)?))
}

/// A policy as its readers see it: a text within the answer.
pub(crate) fn shown(policy: &Policy) -> Reply {
    Reply::json(json!({"Policy": policy.document.print(), "RevisionId": policy.revision}))
}

fn put_document(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = FunctionName::local(args.context, &args.required("ResourceArn"))?;
    if name.qualifier.as_deref() == Some(LATEST) {
        return Err(ApiError::invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    let function = args.region.functions.get(&name.name).ok_or_else(|| name.not_found(args.context))?;
    check_qualifier(args.context, function, &name)?;
    let before = function.policies.get(key(&name));
    check_revision(args, function, &name, before)?;
    let document = serde_json::from_str::<OrderedJson>(&args.required("Policy")).ok();
    let policy = document.map(|document| Policy { document, revision: String::new() });
    let policy = policy.filter(|policy| !policy.is_empty());
    let policy = policy.ok_or_else(|| ApiError::invalid_parameter("The provided policy document is not valid."))?;
    write(args, &name, policy)?;
    Ok(shown(existing(args, &name)?))
}

fn get_document(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = FunctionName::local(args.context, &args.required("ResourceArn"))?;
    Ok(shown(existing(args, &name)?))
}

fn delete_document(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = FunctionName::local(args.context, &args.required("ResourceArn"))?;
    let policy = existing(args, &name)?;
    check_policy_revision(args, policy)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.policies.remove(key(&name));
    }
    Ok(Reply::empty())
}
