//! The rules of values: keys, types, ranges and missing fields.

use crate::kinds::function_with;
use crate::model::rules;

rules! {
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
    S016 {
        severity: Warning,
        title: "Field without a value",
        meaning: "A key without a value is null in YAML and counts as absent: the field has AWS's default, and a live value \
                  that differs is overwritten. Write the value, or remove the key. In a later file, null removes the value \
                  of an earlier file or of `defaults`.",
        bad: function_with!("
    environment:
"),
        good: function_with!("
    environment: {variables: {TABLE: orders}}
"),
        aws_page: None,
    }
}
