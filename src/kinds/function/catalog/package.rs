//! The rules of a function's package, which is read when it is built.

use crate::model::rules;

rules! {
    V137 {
        severity: Warning,
        title: "Handler whose file is not in the package",
        meaning: "The runtime loads the file that `handler` names from the top of the package, or from a layer. Often the \
                  folder itself was zipped, not what is in it, so that everything lies one folder too deep. Correct the \
                  handler, or build the package again.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: main.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html"),
    }
    V138 {
        severity: Warning,
        title: "Program of a custom runtime that cannot be run",
        meaning: "A function with an operating system runtime runs `bootstrap` at the top of its package or of a layer. It \
                  is a Linux program for the function's architecture, or a script whose first line names its interpreter, \
                  and it has the mode 0755. Build it for Linux, set its mode, and zip it on a machine that has modes.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: provided.al2023
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html"),
    }
    V142 {
        severity: Error,
        title: "Code and layers that are too large together",
        meaning: "The package of a function and its layers may have 250 MB together when they are unzipped. Layers that are \
                  declared in the spec and built here are counted, layers that are given by their ARN are not. Leave out \
                  what the function does not need, or deploy a container image.",
        bad: function_with!(zip "large.zip", "
    layers: [\"${layers.libraries.arn}\"]
layers:
  libraries: {code: {zip: large.zip}}
"),
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"),
    }
}
