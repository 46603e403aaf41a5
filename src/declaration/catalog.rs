//! The rules of the declaration language.

use crate::kinds::function_with;
use crate::model::rules;

rules! {
    S001 {
        severity: Error,
        title: "File that cannot be read",
        meaning: "A spec or a file of variables does not exist, may not be read, or is not UTF-8 text. Correct the path \
                  given with `-f` or `--var-file`, or save the file as UTF-8. The first example is broken when it is saved \
                  as Latin-1.",
        bad: "version: 1
stack: grün
",
        good: "version: 1
stack: grün
",
        aws_page: None,
    }
    S002 {
        severity: Error,
        title: "Invalid YAML",
        meaning: "The file is not YAML 1.2, or is too large or too deeply nested for a spec. trueup points to the place \
                  where the parser stopped; the mistake is there or just before. Correct the syntax.",
        bad: "version: 1
stack: [example
",
        good: "version: 1
stack: example
",
        aws_page: None,
    }
    S003 {
        severity: Error,
        title: "Duplicate key",
        meaning: "A key appears twice in one map. YAML parsers keep one of the two values, often silently, so trueup \
                  refuses both. Remove one of them.",
        bad: "version: 1
stack: example
stack: other
",
        good: "version: 1
stack: example
",
        aws_page: None,
    }
    S004 {
        severity: Error,
        title: "YAML tag without a meaning",
        meaning: "Tags such as `!Ref`, `!GetAtt` or `!vault` belong to the tools that define them; a spec has none, and the \
                  text behind the tag is not the value that is meant. Write `${functions.NAME.arn}` for a resource of the \
                  spec, `${var.NAME}` or `${env.NAME}` for a value from elsewhere. YAML's own `!!str`, `!!int` and so on \
                  keep their meaning.",
        bad: function_with!("
    environment: {variables: {TABLE: !Ref OrdersTable}}
"),
        good: function_with!("
    environment: {variables: {TABLE: orders-table}}
"),
        aws_page: None,
    }
    S005 {
        severity: Error,
        title: "File of another tool",
        meaning: "The file is a template, configuration or state of another tool, such as AWS SAM, CloudFormation, the \
                  Serverless Framework or Terraform, or a saved plan. A spec begins with `version: 1` and `stack`; declare \
                  each function under `functions`, with the fields that `trueup schema` lists.",
        bad: "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.13, CodeUri: src}
",
        good: "version: 1
stack: example
",
        aws_page: None,
    }
    S010 {
        severity: Error,
        title: "Unknown key",
        meaning: "The key is not a field of the resource, or not one in this place. Fields have the names of AWS's API in \
                  snake case, such as `memory_size` for `MemorySize`. Correct the name; `trueup schema` lists all fields, \
                  and keys that begin with `x-` are free for notes at the top of a spec.",
        bad: function_with!("
    memorySize: 512
"),
        good: function_with!("
    memory_size: 512
"),
        aws_page: None,
    }
    S011 {
        severity: Error,
        title: "Value of the wrong type",
        meaning: "The field takes another type of value, such as an integer instead of a string. YAML reads a value in \
                  quotes as a string, and `yes` and `no` too. Write the value in the type that the message names.",
        bad: function_with!("
    timeout: 30 seconds
"),
        good: function_with!("
    timeout: 30
"),
        aws_page: None,
    }
    S012 {
        severity: Error,
        title: "Required field missing",
        meaning: "The spec or the resource lacks a field that has no default. Add it. What many resources share can be \
                  given once under `defaults`.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    code: {zip: package.zip}
",
        good: "version: 1
stack: example
defaults:
  function:
    role: arn:aws:iam::123456789012:role/orders
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    code: {zip: package.zip}
",
        aws_page: None,
    }
    S013 {
        severity: Error,
        title: "Value that is not allowed or out of range",
        meaning: "The field takes a fixed set of values, a range, a length or a form, and Lambda rejects all others. The \
                  message names what is allowed. Write such a value.",
        bad: function_with!("
    tracing_config: {mode: Enabled}
"),
        good: function_with!("
    tracing_config: {mode: Active}
"),
        aws_page: None,
    }
    S014 {
        severity: Warning,
        title: "Unknown value in a list that grows",
        meaning: "AWS adds values to some lists, such as the runtimes, and this one is not known to this release of \
                  trueup. It may be new, or misspelled. Check the spelling; trueup sends the value as it is.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.99
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: None,
    }
    S015 {
        severity: Error,
        title: "Key of a map without a value",
        meaning: "In a map whose keys are yours, such as the variables of an environment or tags, a key without a value is \
                  probably a value that was forgotten. Write `\"\"` for an empty text, or remove the key. In a later file, \
                  null removes the key of an earlier file or of `defaults`.",
        bad: function_with!("
    environment: {variables: {TABLE: }}
"),
        good: function_with!("
    environment: {variables: {TABLE: ''}}
"),
        aws_page: None,
    }
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
                  `--var NAME=VALUE`, or give a default as in `${env.NAME:-default}`.",
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
    S030 {
        severity: Error,
        title: "Ignored field that is declared, or that does not exist",
        meaning: "`ignore` leaves fields to other tools, so the spec must not set them as well, and each entry names a \
                  field of the resource. Remove the field or the entry, or correct its name.",
        bad: function_with!("
    memory_size: 512
    ignore: [memory_size]
"),
        good: function_with!("
    ignore: [memory_size]
"),
        aws_page: None,
    }
    S031 {
        severity: Error,
        title: "Unusable or duplicate name",
        meaning: "The key of a resource is part of addresses and references, so it holds letters, digits, `-`, `_` and `:` \
                  only, and two resources of a kind cannot have one name in AWS. Rename one of them.",
        bad: "version: 1
stack: example
defaults:
  function:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
functions:
  orders: {function_name: shop}
  returns: {function_name: shop}
",
        good: "version: 1
stack: example
defaults:
  function:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
functions:
  orders: {function_name: shop-orders}
  returns: {function_name: shop-returns}
",
        aws_page: None,
    }
    S032 {
        severity: Warning,
        title: "Resource without a value",
        meaning: "A key without a value is null in YAML, and a null resource is not declared: `apply` with `--prune` would \
                  delete it. Write `{}` for a resource that has only defaults, or remove the key.",
        bad: "version: 1
stack: example
defaults:
  function:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
functions:
  orders:
",
        good: "version: 1
stack: example
defaults:
  function:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
functions:
  orders: {}
",
        aws_page: None,
    }
    S033 {
        severity: Error,
        title: "Deployment package that cannot be built",
        meaning: "The zip file or folder that `code` names does not exist or cannot be read. trueup reads it when it plans, \
                  not when it validates. Build the package first, or correct the path, which is relative to the spec.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: missing.zip}
",
        good: function_with!("\n"),
        aws_page: None,
    }
    S040 {
        severity: Warning,
        title: "Stages that share a stack",
        meaning: "The name of a resource depends on a variable and the name of the stack does not. Only the stack's \
                  name shows the owner of a live resource, so two runs with different values own each other's resources, \
                  and `--prune` in one deletes those of the other. Use the variable in `stack` too.",
        bad: "version: 1
stack: shop
vars: {stage: dev}
functions:
  orders:
    function_name: orders-${var.stage}
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: "version: 1
stack: shop-${var.stage}
vars: {stage: dev}
functions:
  orders:
    function_name: orders-${var.stage}
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        aws_page: None,
    }
}
