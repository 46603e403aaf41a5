//! The graph of imports between source files, drawn from the paths in them: no two files may import each other, directly or
//! through others.
//!
//! A node is a file, an edge a path in it (`crate::…`, `super::…`, `self::…`, a child module, or a module that a `use` has bound)
//! that names an item of another file. Comments, strings and test code are left out. Calls of methods draw no edge, because a
//! method may stand in any file of the crate; the file of its type does count.
//!
//! A `mod.rs` is the facade of its folder. A name that it re-exports leads to the file that defines it, so that a facade can hide
//! no circle, and declaring or re-exporting a module is no import. What a facade defines itself makes it a node as any other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::generated_files::repository;

/// The source files by their modules: `sim/mod.rs` is `["sim"]`.
type Sources = BTreeMap<Vec<String>, String>;

/// A path in a source file, and the name that it is bound to if a `use` imports it.
#[derive(Clone, Debug)]
struct Import {
    path: Vec<String>,
    bound: Option<String>,
    is_exported: bool,
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (count, report) = circles(&sources());
    assert_eq!(count, 0, "circles of files:\n{report}");
}

#[test]
fn a_facade_hides_no_circle() {
    let draw = |one: &str, two: &str| {
        let files = [("a", "mod one; pub(crate) mod two; pub use two::Two;"), ("a::one", one), ("a::two", two)];
        let split = |path: &str| path.split("::").map(str::to_owned).collect();
        circles(&files.into_iter().map(|(path, text)| (split(path), text.to_owned())).collect()).0
    };
    assert_eq!(draw("use super::Two;", "// use super::one::One;\n\"super::one\";"), 0);
    assert_eq!(draw("use super::Two;", "fn f() { super::one::f() }"), 1, "through a re-export");
    assert_eq!(draw("use crate::a::{b, two::{self, Two}};", "use crate::a::one::{x, y};"), 1, "in braces");
    assert_eq!(draw("use crate::a; fn f() { a::two::f() }", "use super::one;"), 1, "through a bound module");
    assert_eq!(
        draw("use super::Two;", "#[cfg(test)]\nmod tests { use super::super::one::f; }\nfn f() {}"),
        0,
        "in tests"
    );
}

/// All source files of the program, without those that hold tests only.
fn sources() -> Sources {
    fn walk(folder: &Path, module: &[String], out: &mut Sources) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let below: Vec<String> = module.iter().cloned().chain([name.clone()]).collect();
            if name == "tests" {
                continue;
            } else if path.is_dir() {
                walk(&path, &below, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let module = if ["mod", "lib"].contains(&name.as_str()) { module.to_vec() } else { below };
                out.insert(module, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = Sources::new();
    walk(&repository("src"), &[], &mut out);
    out
}

/// The number of circles among the files, and a report that names the edges of each.
fn circles(sources: &Sources) -> (usize, String) {
    let imports: BTreeMap<&[String], Vec<Import>> =
        sources.iter().map(|(module, text)| (module.as_slice(), imports(&code(text), module, sources))).collect();
    let names: Vec<String> = sources.keys().map(|module| module.join("::")).collect();
    let mut graph = DiGraphMap::<usize, ()>::new();
    for (from, module) in sources.keys().enumerate() {
        for import in imports[module.as_slice()].iter().filter(|import| !import.is_exported) {
            let target = definer(&import.path, sources, &imports, 0);
            let target = target.filter(|target| target != module);
            if let Some(to) = target.and_then(|target| sources.keys().position(|other| *other == target)) {
                graph.add_edge(from, to, ());
            }
        }
    }
    let circles: Vec<Vec<usize>> = tarjan_scc(&graph).into_iter().filter(|files| files.len() > 1).collect();
    let mut report = String::new();
    for files in &circles {
        let inside = graph.all_edges().filter(|(from, to, ())| files.contains(from) && files.contains(to));
        inside.for_each(|(from, to, ())| writeln!(report, "  {} names {}", names[from], names[to]).unwrap());
        report.push('\n');
    }
    (circles.len(), report)
}

/// The module whose file defines what `path` names. A facade's re-exports are followed.
fn definer(
    path: &[String],
    sources: &Sources,
    imports: &BTreeMap<&[String], Vec<Import>>,
    depth: usize,
) -> Option<Vec<String>> {
    let length = (0..=path.len()).rev().find(|length| sources.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(length);
    let exported = imports[module].iter().filter(|import| import.is_exported);
    let item = rest.first();
    let through = exported.clone().find(|import| import.bound.as_ref() == item && item.is_some());
    match through {
        Some(import) if depth < 8 => definer(&import.path, sources, imports, depth + 1),
        _ => Some(module.to_vec()),
    }
}

/// The paths in `code`, the text of the file of `module`, from the root of the crate.
fn imports(code: &str, module: &[String], sources: &Sources) -> Vec<Import> {
    let mut out = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let Some(start) = use_keyword(statement) else {
            rest.push_str(statement);
            continue;
        };
        let before = &statement[..start];
        rest.push_str(before);
        let is_exported = ["pub", "pub(crate)", "pub(super)"].iter().any(|word| before.trim_end().ends_with(word));
        let mut leaves = Vec::new();
        expand(statement[start + 4..].trim_end_matches(';'), &[], &mut leaves);
        for (path, alias) in leaves {
            let Some(path) = absolute(&path, module, sources) else { continue };
            let bound = alias.or_else(|| path.last().cloned());
            out.push(Import { path, bound, is_exported });
        }
    }
    let bound: BTreeMap<String, Vec<String>> = out
        .iter()
        .filter(|import| sources.contains_key(&import.path))
        .filter_map(|import| Some((import.bound.clone()?, import.path.clone())))
        .collect();
    for path in inline_paths(&rest) {
        let through = path.first().and_then(|first| bound.get(first));
        let path = match through {
            Some(module) => Some(module.iter().chain(&path[1..]).cloned().collect()),
            None => absolute(&path, module, sources),
        };
        out.extend(path.map(|path| Import { path, bound: None, is_exported: false }));
    }
    out
}

/// The position of the keyword `use` in a statement.
fn use_keyword(statement: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    statement.match_indices("use ").map(|(at, _)| at).find(|at| {
        let before = statement[..*at].chars().next_back();
        before.is_none_or(|c| !is_word(c) && c != '<')
    })
}

/// Adds each leaf of a `use` tree below `prefix` to `out`, with its alias.
fn expand(tree: &str, prefix: &[String], out: &mut Vec<(Vec<String>, Option<String>)>) {
    let tree = tree.trim();
    let (head, inner) = match tree.find('{') {
        Some(open) => (&tree[..open], Some(&tree[open + 1..tree.rfind('}').unwrap_or(tree.len())])),
        None => (tree, None),
    };
    let (head, alias) =
        head.split_once(" as ").map_or((head, None), |(head, alias)| (head, Some(alias.trim().to_owned())));
    let mut path = prefix.to_vec();
    path.extend(head.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned));
    let Some(inner) = inner else {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self" || last == "*") {
            path.pop();
        }
        out.push((path, alias));
        return;
    };
    let (mut depth, mut begin) = (0, 0);
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&inner[begin..at], &path, out);
                begin = at + 1;
            }
            _ => {}
        }
    }
    if !inner[begin..].trim().is_empty() {
        expand(&inner[begin..], &path, out);
    }
}

/// The paths of two parts and more outside of `use` statements.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_part(c)).filter(|word| word.contains("::") && !word.starts_with(':'));
    words.map(|word| word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()).collect()
}

/// `path` from the root of the crate; nothing where it leads out of the crate.
fn absolute(path: &[String], module: &[String], sources: &Sources) -> Option<Vec<String>> {
    let first = path.first()?.as_str();
    let above = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match first {
        "crate" => (&[][..], &path[1..]),
        "self" => (module, &path[1..]),
        "super" => (module.get(..module.len().checked_sub(above)?)?, &path[above..]),
        child => {
            let below: Vec<String> = module.iter().cloned().chain([child.to_owned()]).collect();
            return sources.contains_key(&below).then(|| module.iter().chain(path).cloned().collect());
        }
    };
    Some(base.iter().chain(rest).cloned().collect())
}

/// The text without comments, the contents of strings, and what is compiled for tests only.
fn code(text: &str) -> String {
    let bare = without_comments_and_strings(text);
    let mut out = String::new();
    let mut rest = bare.as_str();
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (open, end) = (rest.find('{').unwrap_or(rest.len()), rest.find(';').unwrap_or(rest.len()));
        rest = if end < open { &rest[end + 1..] } else { &rest[closing_brace(rest, open)..] };
    }
    out + rest
}

/// The position behind the brace that closes the one at `open`.
fn closing_brace(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, letter) in text[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn without_comments_and_strings(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or('\n');
    let (mut out, mut index) = (String::new(), 0);
    while index < letters.len() {
        match (at(index), at(index + 1)) {
            ('/', '/') => index = (index..letters.len()).find(|end| at(*end) == '\n').unwrap_or(letters.len()),
            ('\'', '"' | '{' | '}' | ';' | '/') if at(index + 2) == '\'' => index += 3,
            ('\'', '\\') => {
                index = (index + 3..letters.len()).find(|end| at(*end) == '\'').map_or(letters.len(), |end| end + 1)
            }
            ('r', '"' | '#') if !at(index.wrapping_sub(1)).is_alphanumeric() => {
                let hashes = (index + 1..letters.len()).take_while(|hash| at(*hash) == '#').count();
                let quoted = |end: &usize| at(*end) == '"' && (1..=hashes).all(|next| at(end + next) == '#');
                let begin = index + hashes + 2;
                index = (begin..letters.len()).find(quoted).map_or(letters.len(), |end| end + hashes + 1);
            }
            ('"', _) => {
                index += 1;
                while index < letters.len() && at(index) != '"' {
                    index += if at(index) == '\\' { 2 } else { 1 };
                }
                index += 1;
            }
            (letter, _) => {
                out.push(letter);
                index += 1;
            }
        }
    }
    out
}
