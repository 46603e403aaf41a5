//! Files: what is no YAML, what is not there, and what must not be shown of them.

use super::*;

cases! {
    a_duplicate_key: of_function("    code: external\n") => r###"
error[S003]: the key `code` stands twice in the same map
 --> stack.yaml:7:5
  |
7 |     code: external
  |     ^^^^ the second one
  |
  = help: take one of them away
"###;
    a_broken_file: said("version: 1\nstack: [a\n") => r###"
error[S002]: this is not YAML that we can read: unclosed bracket '['
 --> stack.yaml:2:8
  |
2 | stack: [a
  |        ^
"###;
    secrets_of_the_environment_are_not_shown: of_function("    tracing: ${env.TOKEN}\n    timeout: ${env.STAGE}\n") => r###"
error[S013]: the value is not a value of `tracing`
 --> stack.yaml:7:14
  |
7 |     tracing: ${env.TOKEN}
  |              ^^^^^^^^^^^^ not allowed
  |
  = help: it takes `Active` or `PassThrough`

error[S011]: `timeout` takes an integer, not a text
 --> stack.yaml:8:14
  |
8 |     timeout: ${env.STAGE}
  |              ^^^^^^^^^^^^ a text
"###;
    a_missing_file: {
        let (mut inputs, memory) = inputs(&[("stack.yaml", "version: 1\nstack: a\n")]);
        inputs.files.push("more.yaml".into());
        shown(&Spec::read(&inputs, &memory).resolve_by(&rooms::table(), None))
    } => r###"
error[S001]: cannot read `more.yaml`: no such file
 |
 = help: check the path given with `-f` or `--var-file`
"###;
    a_file_that_is_not_text: {
        let (inputs, mut memory) = inputs(&[("stack.yaml", "")]);
        memory.0.insert("stack.yaml".to_owned(), b"stack: a\xffb\n".to_vec());
        shown(&Spec::read(&inputs, &memory).resolve_by(&rooms::table(), None))
    } => r###"
error[S001]: the file is not UTF-8 text: byte 8 does not fit
 --> stack.yaml:1:9
  |
1 | stack: a�b
  |         ^ not UTF-8
"###;
    defaults_of_no_kind: said("version: 1\nstack: a\ndefaults: {functions: {timeout: 3}}\n") => r###"
error[S010]: `functions` is not a kind of resource
 --> stack.yaml:3:12
  |
3 | defaults: {functions: {timeout: 3}}
  |            ^^^^^^^^^ unknown kind
  |
  = help: did you mean `function`?
"###;
}
