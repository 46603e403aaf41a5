//! Several files as one: maps merge, scalars and lists replace, `null` removes.

use super::node::{Content, Field, Map, Node};

/// Lays `over` on top of `base`. Every value keeps the place where it was written.
pub fn overlay(base: &mut Node, over: Node) {
    match (&mut base.content, over.content) {
        (Content::Map(below), Content::Map(above)) => maps(below, above),
        (Content::Null { .. }, Content::Null { removes }) => base.content = Content::Null { removes },
        // The null stays, so that it also removes what `defaults` would put here.
        (_, Content::Null { .. }) => *base = Node { content: Content::Null { removes: true }, span: over.span },
        (_, content) => *base = Node { content, span: over.span },
    }
}

fn maps(below: &mut Map, above: Map) {
    for (key, field) in above {
        match below.get_mut(&key) {
            Some(old) => {
                overlay(&mut old.node, field.node);
                // A map made of two files is best explained by the first; anything else is the later file's.
                if !matches!(old.node.content, Content::Map(_)) {
                    old.key = field.key;
                }
            }
            None => drop(below.insert(key, field)),
        }
    }
}

/// Puts `defaults` wherever `node` says nothing, not even null.
pub fn underlay(node: &mut Node, defaults: &Node) {
    if let (Content::Map(map), Content::Map(defaults)) = (&mut node.content, &defaults.content) {
        for (key, field) in defaults {
            match map.get_mut(key) {
                Some(Field { node: Node { content: Content::Null { removes }, .. }, .. }) => *removes = true,
                Some(own) => underlay(&mut own.node, &field.node),
                None => drop(map.insert(key.clone(), field.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::DiagnosticSink;
    use super::super::yaml;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn node(text: &str) -> Node {
        yaml::parse(text, 0, &mut DiagnosticSink::default()).expect("is YAML")
    }

    fn plain(node: &Node) -> Value {
        match &node.content {
            Content::Null { .. } | Content::Broken => Value::Null,
            Content::Scalar(scalar) => json!(scalar.text),
            Content::Template(_) => json!("template"),
            Content::List(items) => items.iter().map(plain).collect(),
            Content::Map(map) => Value::Object(map.iter().map(|(key, it)| (key.clone(), plain(&it.node))).collect()),
        }
    }

    fn merged(base: &str, over: &str) -> Value {
        let mut base = node(base);
        overlay(&mut base, node(over));
        plain(&base)
    }

    #[test]
    fn maps_merge_and_the_rest_is_replaced() {
        let got = merged("{a: {b: 1, c: [1, 2], e: 1}, d: 4}", "{a: {c: [3], d: 5, e: null}, d: {x: 1}}");
        assert_eq!(got, json!({"a": {"b": "1", "c": ["3"], "d": "5", "e": null}, "d": {"x": "1"}}));
    }

    #[test]
    fn null_takes_a_default_away_too() {
        let mut own = node("{timeout: null, tags: {a: 1}}");
        underlay(&mut own, &node("{timeout: 9, memory: 1, tags: {a: 2, b: 3}}"));
        assert_eq!(plain(&own), json!({"timeout": null, "memory": "1", "tags": {"a": "1", "b": "3"}}));
    }

    fn any_tree(nulls: bool) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(if nulls { Value::Null } else { json!("x") }), "[a-c]{1,3}".prop_map(Value::from)];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn any_map(nulls: bool) -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[a-d]", any_tree(nulls), 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn merging_with_itself_or_with_nothing_changes_nothing(tree in any_map(true)) {
            let text = tree.to_string();
            prop_assert_eq!(merged(&text, &text), merged(&text, "{}"));
            prop_assert_eq!(merged("{}", &text), merged(&text, "{}"));
        }

        #[test]
        fn the_last_word_counts(base in any_map(true), over in any_map(true)) {
            let (base, over) = (base.to_string(), over.to_string());
            let once = merged(&base, &over);
            prop_assert_eq!(merged(&once.to_string(), &over), once);
        }

        #[test]
        fn merging_is_associative_where_nothing_is_removed(a in any_map(false), b in any_map(false), c in any_map(false)) {
            // A scalar between two maps hides the first one, so only trees of one shape obey the law.
            let ab = merged(&a.to_string(), &b.to_string());
            let bc = merged(&b.to_string(), &c.to_string());
            let left = merged(&ab.to_string(), &c.to_string());
            let right = merged(&a.to_string(), &bc.to_string());
            for (key, value) in left.as_object().expect("a map") {
                if !value.is_object() {
                    prop_assert_eq!(Some(value), right.get(key));
                }
            }
        }
    }
}
