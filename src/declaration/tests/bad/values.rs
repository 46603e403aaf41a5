//! Fields, types, bounds and rules.

use super::*;

cases! {
    an_unknown_field: of_function("    memorySize: 512\n") => r###"
error[S010]: `function` has no field `memorySize`
 --> stack.yaml:7:5
  |
7 |     memorySize: 512
  |     ^^^^^^^^^^ unknown field
  |
  = help: did you mean `memory_size`?
"###;
    a_word_for_a_whole_resource: of_function("    publish: yes\n") => r###"
error[S011]: `publish`: expected `true` or `false`, found a string
 --> stack.yaml:7:14
  |
7 |     publish: yes
  |              ^^^ a string
"###;
    an_integer_beyond_all_bounds: of_function("    reserved_concurrent_executions: 99999999999999999999\n") => r###"
error[S013]: `99999999999999999999` is out of range: `reserved_concurrent_executions` must be from -1 to 2147483647
 --> stack.yaml:7:37
  |
7 |     reserved_concurrent_executions: 99999999999999999999
  |                                     ^^^^^^^^^^^^^^^^^^^^ out of range
"###;
    an_unknown_child: of_function("    alias: {}\n") => r###"
error[S010]: `function` has no field `alias`
 --> stack.yaml:7:5
  |
7 |     alias: {}
  |     ^^^^^ unknown field
  |
  = help: did you mean `aliases`?
"###;
    an_unknown_top_key: said("version: 1\nstack: a\nfunction: {}\n") => r###"
error[S010]: the spec has no field `function`
 --> stack.yaml:3:1
  |
3 | function: {}
  | ^^^^^^^^ unknown field
  |
  = help: did you mean `functions`?
"###;
    a_missing_top_key: said("version: 2\nfunctions: {}\n") => r###"
error[S012]: required field `stack` is missing
 --> stack.yaml:1:1
  |
1 | version: 2
  | ^ has no `stack`
  |
  = help: `stack`: The name of the stack, written to live resources as the tag `trueup:stack`. At most 128 characters that AWS allows in tags: letters, digits, spaces and `_.:/=+-@`.

error[S013]: `2` is not a valid value of `version`
 --> stack.yaml:1:10
  |
1 | version: 2
  |          ^ not allowed
  |
  = help: expected `1`
"###;
    a_missing_field: said("version: 1\nstack: a\nfunctions: {orders: {code: external}}\n") => r###"
error[S012]: required field `role` is missing
 --> stack.yaml:3:13
  |
3 | functions: {orders: {code: external}}
  |             ^^^^^^ has no `role`
  |
  = help: `role`: The role that it runs as.
"###;
    a_wrong_type: of_function("    timeout: soon\n    tags: [a]\n    durable: \"true\"\n    layers: x\n    environment: ${functions.orders.arn}\n    memory_size: ${functions.orders.arn}\n") => r###"
error[S011]: `timeout`: expected an integer (seconds), found a string
 --> stack.yaml:7:14
  |
7 |     timeout: soon
  |              ^^^^ a string

error[S011]: `tags`: expected a map, found a list
 --> stack.yaml:8:5
  |
8 |     tags: [a]
  |     ^^^^ a list

error[S011]: `durable`: expected `true` or `false`, found a string
 --> stack.yaml:9:14
  |
9 |     durable: "true"
  |              ^^^^^^ a string
  |
  = help: remove the quotes

error[S011]: `layers`: expected a list, found a string
  --> stack.yaml:10:13
   |
10 |     layers: x
   |             ^ a string

error[S011]: `environment`: expected a map, found a reference, which is a string
  --> stack.yaml:11:18
   |
11 |     environment: ${functions.orders.arn}
   |                  ^^^^^^^^^^^^^^^^^^^^^^^ a string with a reference
   |
   = help: its field is `variables`

error[S011]: `memory_size`: expected an integer (MB), found a reference, which is a string
  --> stack.yaml:12:18
   |
12 |     memory_size: ${functions.orders.arn}
   |                  ^^^^^^^^^^^^^^^^^^^^^^^ a string with a reference
"###;
    a_number_out_of_bounds: of_function("    timeout: 901\n    memory_size: 99999999999\n    layers: [a, b, c]\n") => r###"
error[S013]: `901` is out of range: `timeout` must be from 1 to 900 seconds
 --> stack.yaml:7:14
  |
7 |     timeout: 901
  |              ^^^ out of range

error[S013]: `99999999999` is out of range: `memory_size` must be from 0 to 4294967295 MB
 --> stack.yaml:8:18
  |
8 |     memory_size: 99999999999
  |                  ^^^^^^^^^^^ out of range

error[S013]: `layers`: expected at most 2 items, found 3
 --> stack.yaml:9:5
  |
9 |     layers: [a, b, c]
  |     ^^^^^^ 3 items
"###;
    a_value_not_allowed: of_function("    tracing: active\n    runtime: python3.14\n") => r###"
error[S013]: `active` is not a valid value of `tracing`
 --> stack.yaml:7:14
  |
7 |     tracing: active
  |              ^^^^^^ not allowed
  |
  = help: did you mean `Active`?

warning[S014]: unknown value `python3.14` of `runtime`
 --> stack.yaml:8:14
  |
8 |     runtime: python3.14
  |              ^^^^^^^^^^ unknown value
  |
  = help: did you mean `python3.13`? (AWS adds runtimes)
"###;
    a_wrong_form: said("version: 1\nstack: a\nfunctions: {orders: {role: orders, code: external}}\n") => r###"
error[S013]: `orders` is not a valid value of `role`
 --> stack.yaml:3:28
  |
3 | functions: {orders: {role: orders, code: external}}
  |                            ^^^^^^ invalid format
  |
  = help: The role that it runs as. Example: `arn:aws:iam::123456789012:role/NAME`
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
8 |     environment: {variables: {AWS_REGION: *}}
  |                                           ^

error[V054]: the alias name `7` is a number, which names a version
 --> stack.yaml:9:15
  |
9 |     aliases: {7: {function_version: 1}}
  |               ^
  |
  = help: use a name with a letter
"###;
    a_rule_beside_fields_that_do_not_fit: said("version: 1\nstack: a\nfunctions:\n  orders:\n    timeout: soon\n    memory_size: 64\n    envronment: {variables: {AWS_REGION: x}}\n    layers: [[], x]\n    aliases: {7: {}}\n") => r###"
error[S012]: required field `role` is missing
 --> stack.yaml:4:3
  |
4 |   orders:
  |   ^^^^^^ has no `role`
  |
  = help: `role`: The role that it runs as.

warning[V902]: the function has no code
 --> stack.yaml:4:3
  |
4 |   orders:
  |   ^^^^^^

error[S011]: `timeout`: expected an integer (seconds), found a string
 --> stack.yaml:5:14
  |
5 |     timeout: soon
  |              ^^^^ a string

error[V900]: functions take at least 128 MB
 --> stack.yaml:6:18
  |
6 |     memory_size: 64
  |                  ^^
  |
  = help: write 128

error[S010]: `function` has no field `envronment`
 --> stack.yaml:7:5
  |
7 |     envronment: {variables: {AWS_REGION: *}}
  |     ^^^^^^^^^^ unknown field
  |
  = help: did you mean `environment`?

error[S011]: `layers.0`: expected a string, found a list
 --> stack.yaml:8:14
  |
8 |     layers: [[], x]
  |              ^ a list

error[S012]: required field `function_version` is missing
 --> stack.yaml:9:15
  |
9 |     aliases: {7: {}}
  |               ^ has no `function_version`
  |
  = help: `function_version`: The version that the alias points to: `published` for the version that this spec publishes, a number, or `$LATEST`.

error[V054]: the alias name `7` is a number, which names a version
 --> stack.yaml:9:15
  |
9 |     aliases: {7: {}}
  |               ^
  |
  = help: use a name with a letter
"###;
    a_mistake_in_defaults_is_reported_once: said("version: 1\nstack: a\ndefaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external, timeout: soon, memory_size: 64}}\nfunctions: {a: {}, b: {}}\n") => r###"
error[S011]: `timeout`: expected an integer (seconds), found a string
 --> stack.yaml:3:90
  |
3 | defaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external, timeout: soon, memory_size: 64}}
  |                                                                                          ^^^^ a string

error[V900]: functions take at least 128 MB
 --> stack.yaml:3:109
  |
3 | defaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external, timeout: soon, memory_size: 64}}
  |                                                                                                             ^^
  |
  = help: write 128
"###;
}
