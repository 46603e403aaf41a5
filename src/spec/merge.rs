//! Lays one file over another: maps merge, scalars and lists replace, `null` removes.

use std::collections::HashMap;

use super::yaml::{Content, Key, Node};

/// The base with the other laid over it. Every node keeps the place where it was written.
pub fn merge(base: Node, over: Node) -> Node {
    let (Content::Map(mut under), Content::Map(upper)) = (base.content.clone(), over.content.clone()) else {
        return if over.is_null() { base } else { over };
    };
    let mut place: HashMap<String, usize> =
        under.iter().enumerate().map(|(at, (key, _))| (key.text.clone(), at)).collect();
    let mut extra: Vec<(Key, Node)> = Vec::new();
    let mut gone: Vec<usize> = Vec::new();
    for (key, node) in upper {
        match place.remove(&key.text) {
            None => extra.push((key, node)),
            Some(at) if node.is_null() => gone.push(at),
            Some(at) => {
                let here =
                    std::mem::replace(&mut under[at].1, Node { content: Content::Null, span: node.span.clone() });
                under[at].1 = merge(here, node);
            }
        }
    }
    gone.sort_unstable();
    for at in gone.into_iter().rev() {
        under.remove(at);
    }
    under.extend(extra);
    Node { content: Content::Map(under), span: base.span }
}
