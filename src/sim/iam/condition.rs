//! Conditions of a statement: an operator, a key of the request, and the values that the key may have.

use std::collections::BTreeMap;

use super::pattern::Pattern;

/// The keys of a request, such as `lambda:FunctionArn`, with their values.
pub(crate) type Context = BTreeMap<String, Vec<String>>;

/// The conditions under one operator.
#[derive(Debug)]
pub(crate) struct Condition {
    operator: Operator,
    /// The name of each key in lower case, as IAM compares them, with the values of which one must match.
    keys: Vec<(String, Vec<Pattern>)>,
}

#[derive(Clone, Copy, Debug)]
struct Operator {
    /// True if a request without the key meets the condition.
    if_exists: bool,
    /// True for the `ForAllValues` and `ForAnyValue` of keys with several values: every one, or one, must match.
    all: bool,
    /// True for `Null`, whose values are `true` for a key that is absent and `false` for one that is not.
    is_null: bool,
}

impl Condition {
    /// Reads the conditions under an operator.
    pub(crate) fn read(operator: &str, keys: impl Iterator<Item = (String, Vec<String>)>) -> Result<Condition, String> {
        let (all, plain) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (true, rest),
            Some(("ForAnyValue", rest)) => (false, rest),
            _ => (false, operator),
        };
        let (plain, if_exists) = plain.strip_suffix("IfExists").map_or((plain, false), |plain| (plain, true));
        let has_patterns = match plain {
            "StringLike" | "ArnLike" | "ArnEquals" => true,
            "StringEquals" | "Null" => false,
            _ => return Err(format!("the simulator does not know the condition operator `{operator}`")),
        };
        let pattern = |value: &String| match has_patterns || !value.contains(['*', '?']) {
            true => Pattern::new(value),
            false => Err(format!("`{value}`: StringEquals has no wildcards")),
        };
        let keys = keys.map(|(key, values)| {
            let values = values.iter().map(pattern).collect::<Result<_, _>>()?;
            Ok::<_, String>((key.to_lowercase(), values))
        });
        let operator = Operator { if_exists, all, is_null: plain == "Null" };
        Ok(Condition { operator, keys: keys.collect::<Result<_, _>>()? })
    }

    /// Returns true if a request meets all of them.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        self.keys.iter().all(|(key, patterns)| {
            let given = context.iter().find(|(name, _)| name.to_lowercase() == *key).map(|(_, values)| values);
            let matches = |value: &String| patterns.iter().any(|pattern| pattern.matches(value));
            if self.operator.is_null {
                return matches(&given.is_none().to_string());
            }
            match given {
                None => self.operator.if_exists || self.operator.all,
                Some(values) if self.operator.all => values.iter().all(matches),
                Some(values) => values.iter().any(matches),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, value: &str, given: Option<&[&str]>) -> bool {
        let keys = [("aws:TagKeys".to_owned(), vec![value.to_owned()])];
        let given = given.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
        let context = given.map(|values| ("aws:tagkeys".to_owned(), values)).into_iter().collect();
        Condition::read(operator, keys.into_iter()).expect("a condition").holds(&context)
    }

    #[test]
    fn a_missing_key_meets_no_condition_but_those_that_say_so() {
        assert!(!holds("StringEquals", "a", None));
        assert!(!holds("StringEquals", "a", Some(&["A"])) && !holds("StringLike", "a*", Some(&["Ab"])));
        assert!(holds("StringEqualsIfExists", "a", None));
        assert!(holds("ForAllValues:StringEquals", "a", None));
    }

    #[test]
    fn null_asks_whether_a_key_is_absent() {
        assert!(holds("Null", "true", None) && holds("Null", "false", Some(&["a"])));
        assert!(!holds("Null", "false", None) && !holds("Null", "true", Some(&["a"])));
    }

    #[test]
    fn one_value_or_all_of_them_must_match() {
        assert!(holds("StringLike", "trueup:*", Some(&["trueup:stack"])));
        assert!(holds("ForAnyValue:StringEquals", "a", Some(&["a", "b"])));
        assert!(!holds("ForAllValues:StringEquals", "a", Some(&["a", "b"])));
    }
}
