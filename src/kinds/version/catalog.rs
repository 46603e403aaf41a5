//! The rules of published versions, and of what names one.

use crate::model::rules;

rules! {
    V047 {
        severity: Error,
        title: "`$LATEST.PUBLISHED` of a function that is not on managed instances",
        meaning: "Only functions on managed instances have the version `$LATEST.PUBLISHED`; other functions publish \
                  numbers. Remove `publish_to`, and point aliases to `published` or to a number.",
        bad: function_with!("
    publish: {publish_to: LATEST_PUBLISHED}
"),
        good: function_with!("
    publish: true
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html"),
    }
    V132 {
        severity: Error,
        title: "Key of `versions` that is not a version number",
        meaning: "The keys of `versions` are the numbers of published versions, because Lambda attaches settings to a \
                  number or to an alias. Use the number, or move the settings below an alias.",
        bad: function_with!("
    versions:
      new:
        event_invoke_config: {maximum_retry_attempts: 1}
"),
        good: function_with!("
    versions:
      \"7\":
        event_invoke_config: {maximum_retry_attempts: 1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html"),
    }
}
