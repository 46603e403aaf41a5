//! A URL in words: who may call it.

use super::spec::Url;
use crate::model::{FieldPath, plain};
use crate::resource::{Naming, Present, Presentation, PresentedChange, TerraformType};

impl Present for Url {
    const LABEL: &'static str = "url";
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[("auth_type", "authorization_type")],
        ..TerraformType::of(
            "aws_lambda_function_url",
            &[("function_name", Naming::Parent), ("qualifier", Naming::Qualifier)],
        )
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
