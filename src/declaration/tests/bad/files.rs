//! Files: what is no YAML, what does not exist, and what must not be shown of them.

use super::*;

cases! {
    duplicate_keys_and_what_else_is_wrong: of_function("    code: external\n    tracing: Off\n    tags: {a: x, a: y}\n    role: r\n") => r###"
error[S003]: duplicate key `code`
 --> stack.yaml:7:5
  |
6 |     code: external
  |     ---- first defined here
7 |     code: external
  |     ^^^^ already defined in this map
  |
  = help: remove one of them

error[S013]: `Off` is not a valid value of `tracing`
 --> stack.yaml:8:14
  |
8 |     tracing: Off
  |              ^^^ not allowed
  |
  = help: expected `Active` or `PassThrough`

error[S003]: duplicate key `a`
 --> stack.yaml:9:18
  |
9 |     tags: {a: x, a: y}
  |            -     ^ already defined in this map
  |            |
  |            first defined here
  |
  = help: remove one of them

error[S003]: duplicate key `role`
  --> stack.yaml:10:5
   |
 5 |     role: arn:aws:iam::123456789012:role/r
   |     ---- first defined here
...
10 |     role: r
   |     ^^^^ already defined in this map
   |
   = help: remove one of them
"###;
    duplicate_keys_and_a_syntax_error: said("version: 1\nversion: 1\nstack: [a\n") => r###"
error[S003]: duplicate key `version`
 --> stack.yaml:2:1
  |
2 | version: 1
  | ^^^^^^^ already defined in this map
  |
  = help: remove one of them

error[S002]: invalid YAML: unclosed bracket '['
 --> stack.yaml:3:8
  |
3 | stack: [a
  |        ^
"###;
    a_broken_file: said("version: 1\nstack: [a\n") => r###"
error[S002]: invalid YAML: unclosed bracket '['
 --> stack.yaml:2:8
  |
2 | stack: [a
  |        ^
"###;
    secrets_of_the_environment_are_not_shown: of_function("    tracing: ${env.TOKEN}\n    timeout: ${env.STAGE}\n") => r###"
error[S013]: invalid value of `tracing`
 --> stack.yaml:7:14
  |
7 |     tracing: ${env.TOKEN}
  |              ^^^^^^^^^^^^ not allowed
  |
  = help: expected `Active` or `PassThrough`

error[S011]: `timeout`: expected an integer (seconds), found a string
 --> stack.yaml:8:14
  |
8 |     timeout: ${env.STAGE}
  |              ^^^^^^^^^^^^ a string
"###;
    a_missing_file: {
        let (mut inputs, memory) = inputs(&[("stack.yaml", "version: 1\nstack: a\n")]);
        inputs.files.push("more.yaml".into());
        shown(&Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None))
    } => r###"
error[S001]: cannot read `more.yaml`: no such file
 |
 = help: check the path given with `-f` or `--var-file`; `trueup init` writes a first spec
"###;
    a_file_that_is_not_text: {
        let (inputs, mut memory) = inputs(&[("stack.yaml", "")]);
        memory.0.insert("stack.yaml".to_owned(), b"stack: a\xffb\n".to_vec());
        shown(&Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None))
    } => r###"
error[S001]: the file is not UTF-8: invalid byte at offset 8
 --> stack.yaml:1:9
  |
1 | stack: a�b
  |         ^ not UTF-8
"###;
    defaults_of_no_kind: said("version: 1\nstack: a\ndefaults: {functions: {timeout: 3}}\n") => r###"
error[S010]: unknown resource type `functions`
 --> stack.yaml:3:12
  |
3 | defaults: {functions: {timeout: 3}}
  |            ^^^^^^^^^ unknown resource type
  |
  = help: did you mean `function`?
"###;
}
