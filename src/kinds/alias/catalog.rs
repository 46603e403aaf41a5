//! The rules of aliases and of their traffic weights.

use crate::model::rules;

rules! {
    V054 {
        severity: Error,
        title: "Invalid alias name",
        meaning: "The name of an alias has 1 to 128 letters, digits, `-` and `_`, and at least one character that is not a \
                  digit: a number names a version. Rename the alias.",
        bad: function_with!("
    aliases:
      \"7\": {function_version: published}
"),
        good: function_with!("
    aliases:
      v7: {function_version: published}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html"),
    }
    V055 {
        severity: Error,
        title: "Traffic weight for something that is not a version number",
        meaning: "An alias sends a share of its traffic to a second published version, which Lambda takes by its number. \
                  `$LATEST` and names are rejected. Use the number of a published version.",
        bad: function_with!("
    aliases:
      live:
        function_version: \"1\"
        routing_config: {additional_version_weights: {next: 0.1}}
"),
        good: function_with!("
    aliases:
      live:
        function_version: \"1\"
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html"),
    }
    V057 {
        severity: Error,
        title: "Traffic weights on an alias of `$LATEST`",
        meaning: "Both versions that share the traffic of an alias must be published, so Lambda rejects weights on an alias \
                  that points to `$LATEST`. Point the alias to a version, or remove `routing_config`.",
        bad: function_with!("
    aliases:
      live:
        function_version: $LATEST
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        good: function_with!("
    aliases:
      live:
        function_version: \"1\"
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html"),
    }
    V058 {
        severity: Error,
        title: "Traffic weight for the version that the alias points to",
        meaning: "`additional_version_weights` names the second version; the rest of the traffic goes to \
                  `function_version`. The same version in both places is rejected. Name another version, or remove the \
                  weight.",
        bad: function_with!("
    aliases:
      live:
        function_version: \"2\"
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        good: function_with!("
    aliases:
      live:
        function_version: \"1\"
        routing_config: {additional_version_weights: {\"2\": 0.1}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html"),
    }
    V133 {
        severity: Error,
        title: "Alias of the published version where nothing is published",
        meaning: "`function_version: published` points to the version that this spec publishes, and `publish: false` turns \
                  publishing off. Remove `publish: false`, or name a version by its number.",
        bad: function_with!("
    publish: false
    aliases:
      live: {function_version: published}
"),
        good: function_with!("
    aliases:
      live: {function_version: published}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html"),
    }
}
