//! The rules of provisioned concurrency.

use crate::model::rules;

rules! {
    V028 {
        severity: Error,
        title: "Provisioned concurrency with SnapStart",
        meaning: "SnapStart and provisioned concurrency are two ways to avoid cold starts, and Lambda rejects both on one \
                  version. Keep one of them.",
        bad: function_with!("
    snap_start: {apply_on: PublishedVersions}
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 1}
"),
        good: function_with!("
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"),
    }
    V065 {
        severity: Error,
        title: "Provisioned concurrency for `$LATEST`",
        meaning: "Lambda provisions environments for a published version, which cannot change; `$LATEST` can. Point the \
                  alias to a published version.",
        bad: function_with!("
    aliases:
      live: {function_version: $LATEST, provisioned_concurrent_executions: 1}
"),
        good: function_with!("
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"),
    }
    V066 {
        severity: Error,
        title: "More provisioned than reserved concurrency",
        meaning: "Provisioned concurrency is part of the reserved concurrency of a function, so all aliases and versions \
                  together cannot have more than is reserved. Raise `reserved_concurrent_executions`, or provision fewer.",
        bad: function_with!("
    reserved_concurrent_executions: 1
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 2}
"),
        good: function_with!("
    reserved_concurrent_executions: 2
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 2}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"),
    }
    V067 {
        severity: Error,
        title: "Two provisioned concurrency settings for one version",
        meaning: "A version has one provisioned concurrency setting, its own or that of one alias that points to it. \
                  Lambda rejects the second. Keep it in one place.",
        bad: function_with!("
    aliases:
      live: {function_version: \"1\", provisioned_concurrent_executions: 1}
      test: {function_version: \"1\", provisioned_concurrent_executions: 1}
"),
        good: function_with!("
    aliases:
      live: {function_version: \"1\", provisioned_concurrent_executions: 1}
      test: {function_version: \"2\", provisioned_concurrent_executions: 1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"),
    }
    V068 {
        severity: Warning,
        title: "Provisioned concurrency on an alias with traffic weights",
        meaning: "Lambda divides the provisioned environments of an alias between its two versions by their weights. Each \
                  version then has fewer ready environments than the number says. Raise the number, or finish the shift \
                  of traffic first.",
        bad: function_with!("
    aliases:
      live:
        function_version: \"1\"
        provisioned_concurrent_executions: 10
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        good: function_with!("
    aliases:
      live:
        function_version: \"1\"
        provisioned_concurrent_executions: 10
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"),
    }
}
