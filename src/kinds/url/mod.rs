//! Function URL: an address of its own under which a function, or one of its aliases, is invoked over HTTPS.
//!
//! AWS's quirks: the address is drawn at creation and lost with a deletion, so a URL is only ever updated; an update
//! resets what a call leaves out, so everything is sent, and no CORS as an empty `Cors`; no RevisionId guards it. With
//! `auth_type: NONE` Lambda still rejects everybody until the policy has two statements that open it. They come with
//! the URL, and go when it asks for authentication again (see the kind `permissions`, which writes them).
//! [AWS: CreateFunctionUrlConfig](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html).

mod authorize;
pub mod catalog;
mod cors;
mod observe;
mod present;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use super::permissions;
use crate::model::{Findings, KindId};
use crate::resource::{Context, Links, ResourceRef};
pub use spec::{KIND, Url};

impl crate::resource::Declare for Url {
    const KIND: KindId = KIND;
    const PLACES: &'static [&'static str] = &["functions.*.url", "functions.*.aliases.*.url"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    url:
      auth_type: NONE
      cors: {allow_origins: ["https://shop.example"], allow_methods: [GET, POST], allow_headers: [Content-Type], max_age: 300}
      invoke_mode: RESPONSE_STREAM
    aliases:
      live:
        function_version: published
        url: {auth_type: AWS_IAM, public_statements: false}
"#
    );

    fn check(spec: &Url, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(spec: &Url, at: &ResourceRef) -> Links {
        let policy = permissions::policy_address(at);
        Links {
            // Also with authentication: the statements that opened it before have to be removed.
            implies: spec.public_statements.then(|| policy.clone()).into_iter().collect(),
            // The statements open nothing while the URL requires authentication, so the URL is opened last.
            runs_after: vec![policy],
            ..Links::default()
        }
    }
}
