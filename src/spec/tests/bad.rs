//! Bad specs, and word for word what is said of them.

use super::*;

/// What is said of a spec whose only function begins with these lines.
fn said(text: &str) -> String {
    shown(&loaded(text))
}

fn of_function(lines: &str) -> String {
    said(&format!(
        "version: 1\nstack: a\nfunctions:\n  orders:\n    role: arn:aws:iam::123456789012:role/r\n    code: external\n{lines}"
    ))
}

macro_rules! cases {
    ($($name:ident: $text:expr => $want:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let got = $text;
                assert_eq!(got.trim_end(), $want.trim_start_matches('\n').trim_end(), "\n{got}");
            }
        )*
    };
}

cases! {
    an_unknown_field: of_function("    memorySize: 512\n") => r###"
error[S010]: a `function` has no `memorySize`
 --> stack.yaml:7:5
  |
7 |     memorySize: 512
  |     ^^^^^^^^^^ unknown key
  |
  = help: did you mean `memory_size`?
"###;
    a_word_for_a_whole_resource: of_function("    publish: yes\n") => r###"
error[S011]: `publish` takes `true` or `false`, not a text
 --> stack.yaml:7:14
  |
7 |     publish: yes
  |              ^^^ a text
"###;
    an_integer_beyond_all_bounds: of_function("    reserved_concurrent_executions: 99999999999999999999\n") => r###"
error[S013]: `99999999999999999999` is out of bounds: `reserved_concurrent_executions` takes a number from 0 to 2147483647
 --> stack.yaml:7:37
  |
7 |     reserved_concurrent_executions: 99999999999999999999
  |                                     ^^^^^^^^^^^^^^^^^^^^ out of bounds
"###;
    an_unknown_child: of_function("    alias: {}\n") => r###"
error[S010]: a `function` has no `alias`
 --> stack.yaml:7:5
  |
7 |     alias: {}
  |     ^^^^^ unknown key
  |
  = help: did you mean `aliases`?
"###;
    an_unknown_top_key: said("version: 1\nstack: a\nfunction: {}\n") => r###"
error[S010]: a spec has no `function`
 --> stack.yaml:3:1
  |
3 | function: {}
  | ^^^^^^^^ unknown key
  |
  = help: did you mean `functions`?
"###;
    a_missing_top_key: said("version: 2\nfunctions: {}\n") => r###"
error[S012]: `stack` is missing
 --> stack.yaml:1:1
  |
1 | version: 2
  | ^ has no `stack`
  |
  = help: `stack`: The name of the stack, written to live resources as the tag `trueup:stack`. At most 128 characters that AWS allows in tags: letters, digits, spaces and `_.:/=+-@`.

error[S013]: `2` is not a value of `version`
 --> stack.yaml:1:10
  |
1 | version: 2
  |          ^ not allowed
  |
  = help: it takes `1`
"###;
    a_missing_field: said("version: 1\nstack: a\nfunctions: {orders: {code: external}}\n") => r###"
error[S012]: `role` is missing
 --> stack.yaml:3:13
  |
3 | functions: {orders: {code: external}}
  |             ^^^^^^ has no `role`
  |
  = help: `role`: The role that it runs as.
"###;
    a_wrong_type: of_function("    timeout: soon\n    tags: [a]\n    durable: \"true\"\n    layers: x\n    environment: ${functions.orders.arn}\n    memory_size: ${functions.orders.arn}\n") => r###"
error[S011]: `timeout` takes an integer, not a text
 --> stack.yaml:7:14
  |
7 |     timeout: soon
  |              ^^^^ a text

error[S011]: `tags` takes a map, not a list
 --> stack.yaml:8:5
  |
8 |     tags: [a]
  |     ^^^^ a list

error[S011]: `durable` takes `true` or `false`, not a text
 --> stack.yaml:9:14
  |
9 |     durable: "true"
  |              ^^^^^^ a text
  |
  = help: take the quotes away

error[S011]: `layers` takes a list, not a text
  --> stack.yaml:10:13
   |
10 |     layers: x
   |             ^ a text

error[S011]: `environment` takes a map, and a reference gives a text
  --> stack.yaml:11:18
   |
11 |     environment: ${functions.orders.arn}
   |                  ^^^^^^^^^^^^^^^^^^^^^^^ a text with a reference
   |
   = help: it is a map of `variables`

error[S011]: `memory_size` takes an integer, and a reference gives a text
  --> stack.yaml:12:18
   |
12 |     memory_size: ${functions.orders.arn}
   |                  ^^^^^^^^^^^^^^^^^^^^^^^ a text with a reference
"###;
    a_number_out_of_bounds: of_function("    timeout: 901\n    memory_size: 99999999999\n    layers: [a, b, c]\n") => r###"
error[S013]: `901` is out of bounds: `timeout` takes a number from 1 to 900
 --> stack.yaml:7:14
  |
7 |     timeout: 901
  |              ^^^ out of bounds

error[S013]: `99999999999` is out of bounds: `memory_size` takes a number from 0 to 4294967295
 --> stack.yaml:8:18
  |
8 |     memory_size: 99999999999
  |                  ^^^^^^^^^^^ out of bounds

error[S013]: `layers` takes at most 2 items, and this has 3
 --> stack.yaml:9:5
  |
9 |     layers: [a, b, c]
  |     ^^^^^^ 3 items
"###;
    a_value_not_allowed: of_function("    tracing: active\n    runtime: python3.14\n") => r###"
error[S013]: `active` is not a value of `tracing`
 --> stack.yaml:7:14
  |
7 |     tracing: active
  |              ^^^^^^ not allowed
  |
  = help: did you mean `Active`?

warning[S014]: `python3.14` is not a value of `runtime` that we know
 --> stack.yaml:8:14
  |
8 |     runtime: python3.14
  |              ^^^^^^^^^^ perhaps a slip
  |
  = help: did you mean `python3.13`?; AWS adds runtimes
"###;
    a_wrong_form: said("version: 1\nstack: a\nfunctions: {orders: {role: orders, code: external}}\n") => r###"
error[S013]: `orders` does not have the form of `role`
 --> stack.yaml:3:28
  |
3 | functions: {orders: {role: orders, code: external}}
  |                            ^^^^^^ not of this form
  |
  = help: The role that it runs as. The form is ^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$
"###;
    a_rule_of_a_kind: of_function("    memory_size: 64\n    environment: {variables: {AWS_REGION: x}}\n    aliases: {7: {function_version: 1}}\n") => r###"
error[V900]: functions take at least 128 MB
 --> stack.yaml:7:18
  |
7 |     memory_size: 64
  |                  ^^
  |
  = help: write 128

error[V901]: AWS_REGION is Lambda's own
 --> stack.yaml:8:43
  |
8 |     environment: {variables: {AWS_REGION: x}}
  |                                           ^

error[V054]: the alias name `7` is a number, and numbers are versions
 --> stack.yaml:9:15
  |
9 |     aliases: {7: {function_version: 1}}
  |               ^
  |
  = help: give the alias a name with a letter in it
"###;
    unset_variables: of_function("    tags:\n      a: ${env.TOKN}\n      b: ${env.NO:?set it in CI}\n      c: ${var.x}\n      d: ${stak}\n      e: ${EMPTY}\n      f: x-${env.EMPTY:?no}\n      g: ${a b}\n") => r###"
error[S021]: the environment variable `TOKN` is not set
 --> stack.yaml:8:10
  |
8 |       a: ${env.TOKN}
  |          ^^^^^^^^^^^ has no value
  |
  = help: did you mean `TOKEN`?

error[S021]: the environment variable `NO` is not set: set it in CI
 --> stack.yaml:9:10
  |
9 |       b: ${env.NO:?set it in CI}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ has no value

error[S020]: there is no variable `x`
  --> stack.yaml:10:10
   |
10 |       c: ${var.x}
   |          ^^^^^^^^ not declared
   |
   = help: declare it under `vars:`

error[S020]: `${stak}` means nothing here
  --> stack.yaml:11:10
   |
11 |       d: ${stak}
   |          ^^^^^^^ not a known name
   |
   = help: did you mean `stack`?

error[S020]: `${EMPTY}` means nothing here
  --> stack.yaml:12:10
   |
12 |       e: ${EMPTY}
   |          ^^^^^^^^ not a known name
   |
   = help: write `${env.EMPTY}`

error[S021]: the environment variable `EMPTY` is empty: no
  --> stack.yaml:13:12
   |
13 |       f: x-${env.EMPTY:?no}
   |            ^^^^^^^^^^^^^^^^ has no value

error[S020]: `a b` is not a name
  --> stack.yaml:14:10
   |
14 |       g: ${a b}
   |          ^^^^^^
   |
   = help: write `$${` for a literal `${`
"###;
    unset_variables_of_the_command_line: {
        let (mut inputs, memory) = inputs(&[("stack.yaml", "version: 1\nstack: a\nvars: {stage: null}\nfunctions: {}\nx-a: 1\n")]);
        inputs.vars.push(("stag".to_owned(), "x".to_owned()));
        let loaded = load_by(&rooms::table(), &inputs, &memory, None);
        shown(&loaded)
    } => r###"
error[S010]: the spec has no variable `stag`
 --> --var stag:1:1
  |
1 | stag=x
  | ^^^^ not declared
  |
  = help: did you mean `stage`?
"###;
    circles_of_variables: said("version: 1\nstack: ${var.a}\nvars: {a: \"${var.b}\", b: \"${var.a}\"}\n") => r###"
error[S020]: variables need each other in a circle: a → b → a
 --> stack.yaml:3:11
  |
3 | vars: {a: "${var.b}", b: "${var.a}"}
  |           ^^^^^^^^^^
"###;
    dangling_references: of_function("    tags:\n      a: ${functions.order.arn}\n      b: ${functions.orders.arm}\n      c: ${functions.orders}\n      d: ${functions.orders.aliases.live.arn}\n") => r###"
error[S022]: there is no `functions.order`
 --> stack.yaml:8:10
  |
4 |   orders:
  |   ------ a resource of nearly the same name
...
8 |       a: ${functions.order.arn}
  |          ^^^^^^^^^^^^^^^^^^^^^^ leads nowhere
  |
  = help: did you mean `functions.orders`?

error[S023]: `functions.orders` has no attribute `arm`
 --> stack.yaml:9:10
  |
9 |       b: ${functions.orders.arm}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ no such attribute
  |
  = help: did you mean `arn`?

error[S024]: resources wait for each other: function/orders → function/orders
 --> stack.yaml:9:10
  |
9 |       b: ${functions.orders.arm}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ function/orders refers to function/orders
  |
  = help: write one of the names or ARNs as it is, or take the reference away

error[S023]: `${functions.orders}` names a resource and none of its attributes
  --> stack.yaml:10:10
   |
10 |       c: ${functions.orders}
   |          ^^^^^^^^^^^^^^^^^^^ an attribute is missing
   |
   = help: write for example `${functions.orders.arn}`

error[S022]: there is no `functions.orders.aliases.live`
  --> stack.yaml:11:10
   |
11 |       d: ${functions.orders.aliases.live.arn}
   |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ leads nowhere
   |
   = help: declare it, or write its ARN or name as it is
"###;
    circles: of_function("    tags: {a: \"${functions.orders.aliases.live.arn}\"}\n    aliases: {live: {function_version: 1}}\n") => r###"
error[S024]: resources wait for each other: alias/orders/live → function/orders → alias/orders/live
 --> stack.yaml:8:15
  |
7 |     tags: {a: "${functions.orders.aliases.live.arn}"}
  |               -------------------------------------- function/orders refers to alias/orders/live
8 |     aliases: {live: {function_version: 1}}
  |               ^^^^ alias/orders/live belongs to function/orders
  |
  = help: write one of the names or ARNs as it is, or take the reference away
"###;
    ignored_and_declared: of_function("    timeout: 4\n    ignore: [timeout, memry_size]\n") => r###"
error[S030]: `timeout` is declared, and ignored at the same time
 --> stack.yaml:7:14
  |
7 |     timeout: 4
  |              ^ declared here
8 |     ignore: [timeout, memry_size]
  |              ------- ignored here
  |
  = help: take one of the two away

error[S030]: `function` has no field `memry_size`
 --> stack.yaml:8:23
  |
8 |     ignore: [timeout, memry_size]
  |                       ^^^^^^^^^^ unknown field
  |
  = help: did you mean `memory_size`?
"###;
    two_of_a_name: said("version: 1\nstack: a\ndefaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external}}\nfunctions:\n  a: {function_name: x}\n  b: {function_name: x}\n  c/d: {}\n  e:\n") => r###"
error[S031]: two resources of the kind function have the name `x`
 --> stack.yaml:6:3
  |
5 |   a: {function_name: x}
  |   - the first one
6 |   b: {function_name: x}
  |   ^ the second one
  |
  = help: give each a name of its own

error[S031]: `c/d` cannot be the name of a resource
 --> stack.yaml:7:3
  |
7 |   c/d: {}
  |   ^^^ part of addresses and references
  |
  = help: use letters, digits, `-`, `_` and `:`

warning[S032]: `e` is empty, so it is not there
 --> stack.yaml:8:3
  |
8 |   e:
  |   ^ has no value
  |
  = help: write `{}` for a resource with nothing but defaults, or take the key away
"###;
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
        shown(&load_by(&rooms::table(), &inputs, &memory, None))
    } => r###"
error[S001]: cannot read `more.yaml`: no such file
 |
 = help: check the path given with `-f` or `--var-file`
"###;
    a_file_that_is_not_text: {
        let (inputs, mut memory) = inputs(&[("stack.yaml", "")]);
        memory.0.insert("stack.yaml".to_owned(), b"stack: a\xffb\n".to_vec());
        shown(&load_by(&rooms::table(), &inputs, &memory, None))
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
