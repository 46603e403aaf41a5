//! Variables, references, what is ignored, and names.

use super::*;

cases! {
    unset_variables: of_function("    tags:\n      a: ${env.TOKN}\n      b: ${env.NO:?set it in CI}\n      c: ${var.x}\n      d: ${stak}\n      e: ${EMPTY}\n      f: x-${env.EMPTY:?no}\n      g: ${a b}\n") => r###"
error[S021]: the environment variable `TOKN` is not set
 --> stack.yaml:8:10
  |
8 |       a: ${env.TOKN}
  |          ^^^^^^^^^^^ no value
  |
  = help: did you mean `TOKEN`?

error[S021]: the environment variable `NO` is not set: set it in CI
 --> stack.yaml:9:10
  |
9 |       b: ${env.NO:?set it in CI}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ no value

error[S020]: unknown variable `x`
  --> stack.yaml:10:10
   |
10 |       c: ${var.x}
   |          ^^^^^^^^ not declared
   |
   = help: declare it under `vars:`

error[S020]: unknown name in `${stak}`
  --> stack.yaml:11:10
   |
11 |       d: ${stak}
   |          ^^^^^^^ unknown name
   |
   = help: did you mean `stack`?

error[S020]: unknown name in `${EMPTY}`
  --> stack.yaml:12:10
   |
12 |       e: ${EMPTY}
   |          ^^^^^^^^ unknown name
   |
   = help: write `${env.EMPTY}`

error[S021]: the environment variable `EMPTY` is empty: no
  --> stack.yaml:13:12
   |
13 |       f: x-${env.EMPTY:?no}
   |            ^^^^^^^^^^^^^^^^ no value

error[S020]: `a b` is not a valid name
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
        let loaded = Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None);
        shown(&loaded)
    } => r###"
error[S010]: unknown variable `stag`
 --> --var stag:1:1
  |
1 | stag=*
  | ^^^^ not declared
  |
  = help: did you mean `stage`?
"###;
    circles_of_variables: said("version: 1\nstack: ${var.a}\nvars: {a: \"${var.b}\", b: \"${var.a}\"}\n") => r###"
error[S020]: variables depend on each other in a cycle: a → b → a
 --> stack.yaml:3:11
  |
3 | vars: {a: "${var.b}", b: "${var.a}"}
  |           ^^^^^^^^^^
"###;
    dangling_references: of_function("    tags:\n      a: ${functions.order.arn}\n      b: ${functions.orders.arm}\n      c: ${functions.orders}\n      d: ${functions.orders.aliases.live.arn}\n") => r###"
error[S022]: `functions.order` is not declared
 --> stack.yaml:8:10
  |
4 |   orders:
  |   ------ similar name
...
8 |       a: ${functions.order.arn}
  |          ^^^^^^^^^^^^^^^^^^^^^^ undefined reference
  |
  = help: did you mean `functions.orders`?

error[S023]: `functions.orders` has no attribute `arm`
 --> stack.yaml:9:10
  |
9 |       b: ${functions.orders.arm}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ unknown attribute
  |
  = help: did you mean `arn`?

error[S024]: dependency cycle: function/orders → function/orders
 --> stack.yaml:9:10
  |
9 |       b: ${functions.orders.arm}
  |          ^^^^^^^^^^^^^^^^^^^^^^^ function/orders refers to function/orders
  |
  = help: replace one of the references with a literal name or ARN

error[S023]: `${functions.orders}` does not name an attribute
  --> stack.yaml:10:10
   |
10 |       c: ${functions.orders}
   |          ^^^^^^^^^^^^^^^^^^^ missing attribute
   |
   = help: add an attribute, such as `${functions.orders.arn}`

error[S022]: `functions.orders.aliases.live` is not declared
  --> stack.yaml:11:10
   |
11 |       d: ${functions.orders.aliases.live.arn}
   |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ undefined reference
   |
   = help: declare it, or write its ARN or name instead
"###;
    circles: of_function("    tags: {a: \"${functions.orders.aliases.live.arn}\"}\n    aliases: {live: {function_version: 1}}\n") => r###"
error[S024]: dependency cycle: alias/orders/live → function/orders → alias/orders/live
 --> stack.yaml:8:15
  |
7 |     tags: {a: "${functions.orders.aliases.live.arn}"}
  |               -------------------------------------- function/orders refers to alias/orders/live
8 |     aliases: {live: {function_version: 1}}
  |               ^^^^ alias/orders/live belongs to function/orders
  |
  = help: replace one of the references with a literal name or ARN
"###;
    an_ignored_tag_whose_key_has_dots: of_function("    ignore: [tags.c.d, 'tags.a b', tags.., tags.\"a.b\"]\n") => r###"
error[S030]: `function` has no field `tags.c.d`
 --> stack.yaml:7:14
  |
7 |     ignore: [tags.c.d, 'tags.a b', tags.., tags."a.b"]
  |              ^^^^^^^^ unknown field
  |
  = help: write a key that contains dots in quotes: `tags."c.d"`

error[S030]: `tags.a b` is not a field path: ' ' must be inside double quotes, such as `tags."a b"`
 --> stack.yaml:7:24
  |
7 |     ignore: [tags.c.d, 'tags.a b', tags.., tags."a.b"]
  |                        ^^^^^^^^^^ not a field path

error[S030]: `tags..` is not a field path: a key is missing between its dots; write an empty key as `""`
 --> stack.yaml:7:36
  |
7 |     ignore: [tags.c.d, 'tags.a b', tags.., tags."a.b"]
  |                                    ^^^^^^ not a field path
"###;
    ignored_and_declared: of_function("    timeout: 4\n    ignore: [timeout, memry_size]\n") => r###"
error[S030]: `timeout` is both declared and ignored
 --> stack.yaml:7:14
  |
7 |     timeout: 4
  |              ^ declared here
8 |     ignore: [timeout, memry_size]
  |              ------- ignored here
  |
  = help: remove one of the two

error[S030]: `function` has no field `memry_size`
 --> stack.yaml:8:23
  |
8 |     ignore: [timeout, memry_size]
  |                       ^^^^^^^^^^ unknown field
  |
  = help: did you mean `memory_size`?
"###;
    two_of_a_name: said("version: 1\nstack: a\ndefaults: {function: {role: 'arn:aws:iam::123456789012:role/r', code: external}}\nfunctions:\n  a: {function_name: x}\n  b: {function_name: x}\n  c/d: {}\n  e:\n") => r###"
error[S031]: two resources of the type `function` have the name `x`
 --> stack.yaml:6:3
  |
5 |   a: {function_name: x}
  |   - first use
6 |   b: {function_name: x}
  |   ^ second use
  |
  = help: give each its own name

error[S031]: invalid resource name `c/d`
 --> stack.yaml:7:3
  |
7 |   c/d: {}
  |   ^^^ part of addresses and references
  |
  = help: use letters, digits, `-`, `_` and `:`

warning[S032]: `e` has no value, so the resource is not declared
 --> stack.yaml:8:3
  |
8 |   e:
  |   ^ no value
  |
  = help: write `{}` for a resource that has only defaults, or remove the key
"###;
    references_into_what_is_misspelled: of_function("    alias: {live: {function_version: 1}}\n    tags: {a: \"${functions.orders.aliases.live.arn}\"}\nfunction: {f: {}}\n") => r###"
error[S010]: `function` has no field `alias`
 --> stack.yaml:7:5
  |
7 |     alias: {live: {function_version: 1}}
  |     ^^^^^ unknown field
  |
  = help: did you mean `aliases`?

error[S010]: the spec has no field `function`
 --> stack.yaml:9:1
  |
9 | function: {f: {}}
  | ^^^^^^^^ unknown field
  |
  = help: did you mean `functions`?
"###;
    references_to_what_is_broken: said("version: 1\nstack: a\nfunctions:\n  a: {role: [], code: external, function_name: [x]}\n  b: {role: 'arn:aws:iam::123456789012:role/r', code: external, tags: {a: '${functions.a.arn}', b: '${functions.a.arm}'}}\n  c: 5\n  d: {role: 'arn:aws:iam::123456789012:role/r', code: external, function_name: a, aliases: [live], tags: {a: '${functions.c.arn}', b: '${functions.d.aliases.live.arn}'}}\n") => r###"
error[S011]: `role`: expected a string, found a list
 --> stack.yaml:4:7
  |
4 |   a: {role: [], code: external, function_name: [x]}
  |       ^^^^ a list

error[S011]: `function_name`: expected a string, found a list
 --> stack.yaml:4:33
  |
4 |   a: {role: [], code: external, function_name: [x]}
  |                                 ^^^^^^^^^^^^^ a list

error[S023]: `functions.a` has no attribute `arm`
 --> stack.yaml:5:100
  |
5 | ... tags: {a: '${functions.a.arn}', b: '${functions.a.arm}'}}
  |                                        ^^^^^^^^^^^^^^^^^^^^ unknown attribute
  |
  = help: did you mean `arn`?

error[S011]: `function`: expected a map, found a number
 --> stack.yaml:6:6
  |
6 |   c: 5
  |      ^ a number
  |
  = help: some of its fields are `code`, `durable`, `environment`, `function_name`, `layers`, `memory_size`, `role` and `runtime`

error[S011]: `aliases`: expected a map, found a list
 --> stack.yaml:7:83
  |
7 |   d: {role: 'arn:aws:iam::123456789012:role/r', code: external, function_name: a, aliases: [live], tags: {a: '${f...
  |                                                                                   ^^^^^^^ a list
"###;
}
