//! The many ways to name a function, and the forms of other names.

use std::sync::LazyLock;

use fancy_regex::Regex;

/// The qualifier of the version that changes.
pub(crate) const LATEST: &str = "$LATEST";

/// The qualifier of what a function of a capacity provider runs when no version is named.
pub(crate) const PUBLISHED: &str = "$LATEST.PUBLISHED";

/// A function as a request names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionName {
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
}

pub(crate) struct Parts {
    pub(crate) region: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) name: FunctionName,
}

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:(?:-gov)|(?:-iso(?:[a-z]?)))?-[a-z]+-\d{1}):)?",
        r"(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9\-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9\-_]+))?$"
    ))
    .ok()
});

pub(crate) fn parse_parts(text: &str) -> Option<Parts> {
    let captures = NAME.as_ref()?.captures(text).ok()??;
    let part = |index: usize| captures.get(index).map(|part| part.as_str().to_owned());
    Some(Parts { region: part(1), account: part(2), name: FunctionName { name: part(3)?, qualifier: part(4) } })
}

impl FunctionName {
    /// Parses `text`, of whatever region and account.
    pub(crate) fn parse(text: &str) -> Option<FunctionName> {
        parse_parts(text).map(|parts| parts.name)
    }

    /// The qualifier; `$LATEST` where none is given.
    pub(crate) fn qualifier_or_latest(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(LATEST)
    }
}

/// Returns whether a qualifier can only be a version.
pub(crate) fn is_version(qualifier: &str) -> bool {
    qualifier == LATEST
        || qualifier == PUBLISHED
        || (!qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns whether a text has the form of a region: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`. It becomes a folder.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let [begin, middle @ .., number] = parts.as_slice() else { return false };
    let counted = (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    (2..=4).contains(&begin.len())
        && letters(begin)
        && (1..=3).contains(&middle.len())
        && middle.iter().all(letters)
        && counted
}

/// Returns the partition of a region, by the beginning of its name.
pub(crate) fn partition_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("eu-isoe-") => "aws-iso-e",
        _ if region.starts_with("us-isof-") => "aws-iso-f",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// Returns the domain of function URLs in a region, without the region.
///
/// AWS documents `on.aws`, also for China. The sovereign cloud and the isolated regions have domains of their own, of which
/// the names are those that other services have there.
pub(crate) fn url_domain(region: &str) -> &'static str {
    match partition_of(region) {
        "aws-eusc" => "on.amazonwebservices.eu",
        "aws-iso" => "on.aws.ic.gov",
        "aws-iso-b" => "on.aws.scloud",
        "aws-iso-e" => "on.cloud-aws.adc-e.uk",
        "aws-iso-f" => "on.aws.hci.ic.gov",
        _ => "on.aws",
    }
}

/// Returns whether a text has the form of an account ID.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<String>)> {
        parse_parts(text).map(|parts| (parts.name.name, parts.name.qualifier))
    }

    #[test]
    fn a_region_belongs_to_one_partition() {
        let rows = [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
        ];
        for (region, partition) in rows {
            assert!(is_region(region), "{region}");
            assert_eq!(partition_of(region), partition, "{region}");
            let arn = format!("arn:{partition}:lambda:{region}:123456789012:function:f:live");
            assert_eq!(read(&arn), Some(("f".to_owned(), Some("live".to_owned()))), "{region}");
        }
    }

    #[test]
    fn every_form_that_the_service_takes_is_taken() {
        let plain = Some(("f".to_owned(), None));
        let qualified = Some(("f".to_owned(), Some("live".to_owned())));
        assert_eq!(read("f"), plain);
        assert_eq!(read("f:live"), qualified);
        assert_eq!(read("function:f"), plain);
        assert_eq!(read("123456789012:function:f:live"), qualified);
        assert_eq!(read("arn:aws:lambda:us-east-1:123456789012:function:f:live"), qualified);
        assert_eq!(read("arn:aws:lambda:us-east-1:123456789012:function"), Some(("function".to_owned(), None)));
        assert_eq!(read("arn:aws:lambda:us-east-1:123456789012:function:f:1:2"), None);
    }
}
