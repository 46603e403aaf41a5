//! The rules of files: their text, their syntax and the tool that they are written for.

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
}
