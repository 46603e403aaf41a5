//! A URL in words: who may call it.

use super::spec::Url;
use crate::model::{FieldPath, plain};
use crate::resource::{Present, Presentation, PresentedChange};

impl Present for Url {
    const LABEL: &'static str = "url";
    const TERRAFORM: crate::resource::TerraformType = crate::resource::TerraformType {
        name: Some("aws_lambda_function_url"),
        named: &[("function_name", "{function}"), ("qualifier", "{qualifier}")],
        moved: &[("auth_type", "authorization_type")],
        ..crate::resource::TerraformType::NONE
    };

    fn present(change: &PresentedChange<'_>) -> Presentation {
        let mut words = Presentation::default();
        if let Some(auth) = change.any("auth_type").filter(|_| change.is_whole()) {
            words.fact(change.action, "", format!("auth {}", plain(auth)));
            words.told.push(FieldPath::from("auth_type"));
        }
        words
    }
}
