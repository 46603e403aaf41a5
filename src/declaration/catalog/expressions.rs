//! The rules of expressions: variables and references.

use crate::kinds::function_with;
use crate::model::rules;

rules! {
    S020 {
        severity: Error,
        title: "Invalid expression",
        meaning: "`${…}` holds a variable (`${var.NAME}`), an environment variable (`${env.NAME}`) or a reference to a \
                  resource (`${functions.NAME.arn}`), and variables may not depend on each other in a cycle. Correct the \
                  expression, declare the variable under `vars`, or write `$${` for a literal `${`.",
        bad: "version: 1
stack: ${var.name}
",
        good: "version: 1
vars: {name: example}
stack: ${var.name}
",
        aws_page: None,
    }
    S021 {
        severity: Error,
        title: "Variable without a value",
        meaning: "The spec uses a variable that has neither a value nor a default. Set it in the environment or with \
                  `--var NAME=VALUE`, or give a default as in `${env.NAME:-default}`. The message says so if `--allow-env` keeps the spec from \
                  reading it.",
        bad: "version: 1
stack: ${env.TRUEUP_EXPLAIN_STACK}
",
        good: "version: 1
stack: ${env.TRUEUP_EXPLAIN_STACK:-example}
",
        aws_page: None,
    }
    S022 {
        severity: Error,
        title: "Undefined reference",
        meaning: "The expression refers to a resource that the spec does not declare. Correct the name, declare the \
                  resource, or write its ARN or name instead.",
        bad: function_with!("
    layers: [\"${layers.common.arn}\"]
"),
        good: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    layers: [\"${layers.common.arn}\"]
",
        aws_page: None,
    }
    S023 {
        severity: Error,
        title: "Unknown attribute",
        meaning: "A reference ends with an attribute of the resource, such as `arn`, and this resource does not have it. \
                  The message names those that it has. Correct or add the attribute.",
        bad: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    layers: [\"${layers.common.url}\"]
",
        good: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    layers: [\"${layers.common.arn}\"]
",
        aws_page: None,
    }
    S024 {
        severity: Error,
        title: "Dependency cycle",
        meaning: "Resources refer to each other in a cycle, so none of them can be created first. The message shows the \
                  cycle. Replace one of the references with a literal name or ARN.",
        bad: function_with!("
    environment: {variables: {LIVE: \"${functions.orders.aliases.live.arn}\"}}
    aliases:
      live: {function_version: \"1\"}
"),
        good: function_with!("
    environment: {variables: {LIVE: \"arn:aws:lambda:us-east-1:123456789012:function:orders:live\"}}
    aliases:
      live: {function_version: \"1\"}
"),
        aws_page: None,
    }
    S025 {
        severity: Warning,
        title: "Template of another tool",
        meaning: "`{{ … }}` is the syntax of Jinja, Helm, Go templates and CloudFormation's dynamic references, none of \
                  which trueup runs, so the text is deployed as it is. Write `${var.NAME}` or `${env.NAME}`, or render the \
                  file before. The warning can be ignored if the text is meant for the function.",
        bad: function_with!("
    description: '{{ description }}'
"),
        good: "version: 1
stack: example
vars: {description: takes orders}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    description: ${var.description}
",
        aws_page: None,
    }
}
