//! Cross-origin resource sharing of a URL.

use super::catalog::V072;
use aws_sdk_lambda::types::Cors as LambdaCors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Findings;

/// Cross-origin resource sharing. What is absent allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// True if pages may send cookies and other credentials.
    #[serde(default)]
    pub allow_credentials: bool,
    /// Headers that requests may have.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 1024)), extend("x-set" = true))]
    pub allow_headers: Vec<String>,
    /// Methods that requests may use, or `*`. `OPTIONS` is always allowed and cannot be listed.
    #[serde(default)]
    #[schemars(length(max = 6), inner(length(max = 6)), extend("x-set" = true))]
    pub allow_methods: Vec<String>,
    /// Origins whose pages may use the URL, or `*`.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 253)), extend("x-set" = true))]
    pub allow_origins: Vec<String>,
    /// Headers of answers that pages may see.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 1024)), extend("x-set" = true))]
    pub expose_headers: Vec<String>,
    /// The time for which browsers may cache this configuration, in seconds.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86400), extend("x-unit" = "seconds"))]
    pub max_age: i32,
}

impl Cors {
    /// Finds what browsers would not do.
    pub fn check(&self, findings: &mut Findings) {
        if self.allow_credentials && self.allow_origins.iter().any(|origin| origin == "*") {
            findings
                .warning(V072, "cors.allow_credentials", "browsers send no credentials if any origin is allowed")
                .help("list the origins, or remove `allow_credentials`");
        }
    }

    /// As Lambda shows it.
    pub fn observed(live: &LambdaCors) -> Cors {
        Cors {
            allow_credentials: live.allow_credentials().unwrap_or_default(),
            allow_headers: live.allow_headers().to_vec(),
            allow_methods: live.allow_methods().to_vec(),
            allow_origins: live.allow_origins().to_vec(),
            expose_headers: live.expose_headers().to_vec(),
            max_age: live.max_age().unwrap_or_default(),
        }
    }

    /// Returns the settings as Lambda takes them.
    pub fn sent(&self) -> LambdaCors {
        LambdaCors::builder()
            .allow_credentials(self.allow_credentials)
            .set_allow_headers(Some(self.allow_headers.clone()))
            .set_allow_methods(Some(self.allow_methods.clone()))
            .set_allow_origins(Some(self.allow_origins.clone()))
            .set_expose_headers(Some(self.expose_headers.clone()))
            .max_age(self.max_age)
            .build()
    }

    /// Takes the words of the declaration: the names of headers are the same in capital and in small letters.
    pub fn canonicalize(&mut self, desired: &Cors) {
        in_words_of(&desired.allow_headers, &mut self.allow_headers);
        in_words_of(&desired.expose_headers, &mut self.expose_headers);
    }
}

fn in_words_of(desired: &[String], live: &mut [String]) {
    for name in live {
        if let Some(same) = desired.iter().find(|other| other.eq_ignore_ascii_case(name)) {
            name.clone_from(same);
        }
    }
}
