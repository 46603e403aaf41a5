//! The rules of resources as such: names, ignored fields, packages and stages.

use crate::kinds::function_with;
use crate::model::rules;

rules! {
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
        bad: function_with!(zip "missing.zip"),
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
    S034 {
        severity: ErrorOrWarning,
        title: "ARN of another partition",
        meaning: "China, GovCloud, the sovereign cloud and the isolated regions are partitions of their own, and nothing in \
                  one reaches the resources of another: in `cn-north-1` every ARN begins with `arn:aws-cn:`. \
                  trueup warns where Lambda does not look for the resource. Write `arn:${partition}:…`.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws-cn:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:${partition}:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        aws_page: None,
    }
}
