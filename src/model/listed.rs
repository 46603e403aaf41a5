//! Long lists in short: the first names, and the number of the others.

use std::fmt::Display;

/// Returns the first names separated by commas, and the number of the others: `a, b and 3 more`.
pub fn listed<N: Display>(names: impl IntoIterator<Item = N>, most: usize) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> = names.by_ref().take(most).map(|name| name.to_string()).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_others_follows_the_first_names() {
        assert_eq!(listed(["a", "b", "c"], 3), "a, b, c");
        assert_eq!(listed(["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(listed(Vec::<String>::new(), 2), "");
    }
}
