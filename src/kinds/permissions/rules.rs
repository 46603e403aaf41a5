//! The rules of statements. The codes are those of the published list; a rule known only from practice warns.

use super::catalog::{V074, V075, V079, V080, V081, V082, V083, V084, V086, V141};
use super::document::document_of;
use super::spec::{Permissions, arn};
use super::statement::Statement;
use crate::kinds::url::Url;
use crate::model::{Address, FieldLocation, FieldPath, Findings, KindId, has_reference};
use crate::resource::{Context, ResourceRef};

/// The rules of a whole policy, and of each statement in it.
pub fn check(spec: &Permissions, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    if let [_, qualifier] = &*at.address.keys
        && !is_number(qualifier)
        && cx.declared(&at.address.sibling(KindId::Alias)).is_none()
    {
        findings
            .error(V079, "", format!("`{qualifier}` is not a version, and only versions and aliases have a policy"))
            .help(
                "use the number of a published version, or move `permissions` directly below the function or an alias",
            );
    }
    let url = cx.get::<Url>(&Address::new(KindId::Url, &at.address.keys));
    let auth_type = url.map(|url| url.auth_type.as_str());
    for (id, statement) in spec.statements() {
        check_id(id, findings);
        limits(id, statement, findings);
        conditions(id, statement, findings);
        if let (Some(own), Some(url)) = (statement.function_url_auth_type.as_deref(), auth_type)
            && own != url
            && !has_reference(own)
            && !has_reference(url)
        {
            let field = FieldPath::root().then(id).then("function_url_auth_type");
            findings
                .warning(V075, field, format!("the URL has `auth_type: {url}`, so this statement never applies"))
                .help(format!("use `{url}`, or change the URL"));
        }
    }
    let size = document_of(spec, &arn(at), at.scope.partition()).to_string().len();
    if size > MAX_POLICY_BYTES {
        findings
            .warning(V086, "", format!("the policy has {size} bytes; Lambda allows at most {MAX_POLICY_BYTES}"))
            .help("join statements with a pattern in `source_arn`, or use the policies of aliases");
    }
}

fn is_number(text: &str) -> bool {
    !text.starts_with('0') && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_id(id: &str, findings: &mut Findings) {
    if id.is_empty() || id.len() > 100 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        findings
            .error(V080, FieldLocation::key(FieldPath::root().then(id)), format!("invalid statement id `{id}`"))
            .help("use at most 100 letters, digits, `-` and `_`");
    }
}

/// On whose behalf a service may come.
fn limits(id: &str, statement: &Statement, findings: &mut Findings) {
    let at = FieldPath::root().then(id);
    let field = at.then("principal");
    let (arn, account) = (&statement.source_arn, &statement.source_account);
    if !has_reference(&statement.principal) && !is_principal(&statement.principal) {
        findings
            .error(V141, field, format!("`{}` is not a principal", statement.principal))
            .help("use an account id, the ARN of a user or role, a service such as `s3.amazonaws.com`, or `*`");
        return;
    }
    let narrowed = arn.is_some() || account.is_some() || statement.principal_org_id.is_some();
    if statement.is_for_service() && !narrowed && statement.event_source_token.is_none() {
        findings
            .warning(V081, field, format!("{} can invoke it on behalf of any AWS account", statement.principal))
            .help("add `source_arn` or `source_account`");
    } else if statement.principal == "s3.amazonaws.com" && (arn.is_none() || account.is_none()) {
        findings
            .warning(
                V082,
                field,
                "a bucket's ARN does not contain its account, and another account can take over the name",
            )
            .help("add both `source_arn` and `source_account`");
    }
    if statement.principal_org_id.is_some() && statement.principal != "*" && !has_reference(&statement.principal) {
        findings
            .warning(
                V083,
                FieldLocation::key(at.then("principal_org_id")),
                "`principal_org_id` requires the principal `*`",
            )
            .help("use `principal: \"*\"`, or remove `principal_org_id`");
    }
}

/// Returns true if Lambda accepts the text as a principal. A service is known by the dots in its name: its domain differs from
/// partition to partition.
fn is_principal(text: &str) -> bool {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && matches!(parts.next(), Some("iam" | "sts"))
        && parts.nth(2).is_some_and(|rest| !rest.is_empty());
    let is_service =
        text.matches('.').count() >= 2 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    text == "*" || is_account || is_arn || is_service
}

/// Conditions that go with one action or one principal only.
fn conditions(id: &str, statement: &Statement, findings: &mut Findings) {
    let at = FieldPath::root().then(id);
    let is_alexa = statement.principal == "alexa-appkit.amazon.com" || has_reference(&statement.principal);
    if statement.event_source_token.is_some() && !is_alexa {
        findings
            .warning(
                V084,
                FieldLocation::key(at.then("event_source_token")),
                format!("`{}` may send no event source token; then the statement never applies", statement.principal),
            )
            .help("remove it, or use the principal that sends it, such as `alexa-appkit.amazon.com`");
    }
    let allows = |action: &str| {
        [action, "lambda:*", "*"].contains(&statement.action.as_str()) || has_reference(&statement.action)
    };
    let needs = |field: &'static str, action: &str, findings: &mut Findings| {
        findings
            .warning(V074, FieldLocation::key(at.then(field)), format!("`{field}` requires the action {action}"))
            .help(format!("use `action: {action}`, or remove `{field}`"));
    };
    if statement.function_url_auth_type.is_some() && !allows("lambda:InvokeFunctionUrl") {
        needs("function_url_auth_type", "lambda:InvokeFunctionUrl", findings);
    }
    if statement.invoked_via_function_url && !allows("lambda:InvokeFunction") {
        needs("invoked_via_function_url", "lambda:InvokeFunction", findings);
    }
}

/// The largest policy that Lambda takes, in bytes.
pub(super) const MAX_POLICY_BYTES: usize = 20_480;
