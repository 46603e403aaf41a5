//! The rules that several kinds share.

use crate::model::rules;

rules! {
    V096 {
        severity: Error,
        title: "Invalid tag key",
        meaning: "The key of a tag has 1 to 128 characters: letters, digits, spaces and `_.:/=+-@`. AWS reserves keys that \
                  begin with `aws:`, and trueup those that begin with `trueup:`. Choose another key.",
        bad: function_with!("
    tags: {\"aws:team\": orders}
"),
        good: function_with!("
    tags: {team: orders}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html"),
    }
}
