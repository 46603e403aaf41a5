//! The name that somebody probably meant.

/// The names nearest to a mistyped one are looked for among at most this many, so that a broken file stays cheap.
const MOST: usize = 20_000;
/// Longer texts than this are not slips of the pen.
const LONGEST: usize = 100;

/// The name among `names` that is most like `text`, if one is like it at all.
pub fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if text.len() > LONGEST {
        return None;
    }
    let wanted = bare(text);
    let close = 1 + text.chars().count() / 4;
    names
        .into_iter()
        .take(MOST)
        .filter(|name| name.len().abs_diff(text.len()) <= close + 2)
        .map(|name| {
            // AWS's own spelling, such as MemorySize, is as good as the right one.
            let distance = if bare(name) == wanted { 0 } else { strsim::osa_distance(text, name) };
            (distance, name)
        })
        .filter(|(distance, name)| *distance <= close && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A list of names as a sentence has it: `a`, `b` and `c`.
pub fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "and")
}

/// A list of choices as a sentence has it: `a`, `b` or `c`.
pub fn either<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "or")
}

fn joined<'n>(names: impl IntoIterator<Item = &'n str>, word: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_other_spellings_and_nothing_else() {
        let names = ["memory_size", "timeout", "role", "handler"];
        assert_eq!(nearest("memorysize", names), Some("memory_size"));
        assert_eq!(nearest("MemorySize", names), Some("memory_size"));
        assert_eq!(nearest("timout", names), Some("timeout"));
        assert_eq!(nearest("description", names), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
