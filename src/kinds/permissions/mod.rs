//! Permissions: who else may use a function, one of its aliases or one of its versions; each has a policy of its own.
//!
//! The whole policy is one resource, so that several statements change in one step. Where Lambda has PutResourcePolicy,
//! that step is one atomic write of the whole document with the policy's RevisionId: statements of others go back as
//! they came, and a policy that changed since the plan is refused. A policy is read with GetPolicy, whose quota nothing else
//! uses, and with GetResourcePolicy only if it may have to be written so. Elsewhere, and where the caller may not read with
//! GetResourcePolicy, statements are added and removed one after the other, each with the revision that the one before
//! left. AWS's quirks: a statement cannot be updated; two writes at a time lose one; a policy without statements is none.
//! [AWS: resource-based policies](https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html).

mod authorize;
pub mod catalog;
mod document;
mod observe;
mod opening;
mod present;
mod rules;
mod series;
mod spec;
mod statement;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, ResourceRef};
pub(super) use opening::opens_url;
pub use spec::Permissions;
pub(crate) use spec::{arn, policy_address};
pub use statement::Statement;

impl crate::resource::Declare for Permissions {
    const KIND: KindId = KindId::Permissions;
    const PLACES: &'static [&'static str] = &[
        "functions.*.permissions",
        // Before the place of versions: what comes with a URL stands below an alias.
        "functions.*.aliases.*.permissions",
        "functions.*.versions.*.permissions",
    ];
    const EXAMPLE: &'static str = function_with!(
        r#"
    permissions:
      topic: {action: "lambda:InvokeFunction", principal: sns.amazonaws.com, source_arn: "arn:aws:sns:us-east-1:123456789012:orders"}
      uploads:
        action: lambda:InvokeFunction
        principal: s3.amazonaws.com
        source_arn: arn:aws:s3:::uploads
        source_account: "123456789012"
      partner: {action: "lambda:GetFunction", principal: "arn:aws:iam::210987654321:root"}
    aliases:
      live:
        function_version: published
        permissions:
          organization: {action: "lambda:InvokeFunction", principal: "*", principal_org_id: o-a1b2c3d4e5}
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { implied: true, ..Lifecycle::default() }
    }

    fn check(spec: &Permissions, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }
}
