//! The service model as a table: operations, members, constraints.
//!
//! The table is written by `tests/model/generate.py` from botocore's model. It is parsed once, at the first request.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use fancy_regex::Regex;
use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

static MODEL: LazyLock<ServiceModel> = LazyLock::new(|| {
    // The text is compiled in, and a test reads it: it cannot be wrong at run time.
    serde_json::from_str(include_str!("service_model/lambda.json")).expect("the embedded service model is valid")
});

/// The table.
pub(crate) fn model() -> &'static ServiceModel {
    &MODEL
}

/// Everything known of the service.
#[derive(Debug, Deserialize)]
pub(crate) struct ServiceModel {
    pub(crate) operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
    #[serde(skip)]
    routes: OnceLock<Vec<Route>>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    pub(crate) status: u16,
    pub(crate) input: Option<String>,
}

/// One type.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) payload: Option<String>,
    /// True if messages must not repeat the value.
    #[serde(default)]
    pub(crate) sensitive: bool,
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) member: Option<String>,
    #[serde(default)]
    pub(crate) members: IndexMap<String, Member>,
    status: Option<u16>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

/// The kinds of type that the model has.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Type {
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
    List,
    Map,
    Structure,
}

/// One member of a structure.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) location: Location,
    pub(crate) name: Option<String>,
}

/// The part of a request or a response that holds a member.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(crate) enum Location {
    #[default]
    #[serde(rename = "body")]
    Body,
    #[serde(rename = "uri")]
    Path,
    #[serde(rename = "querystring")]
    Query,
    #[serde(rename = "header")]
    Header,
    #[serde(rename = "headers")]
    Headers,
    #[serde(rename = "statusCode")]
    Status,
}

/// An error of the model: its status and the name of its message member.
#[derive(Debug)]
pub(crate) struct ErrorShape {
    pub(crate) status: u16,
    pub(crate) message: &'static str,
}

#[derive(Debug)]
struct Route {
    name: String,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Label(String),
}

/// An operation found, with the members that its path carried.
#[derive(Debug)]
pub(crate) struct RoutedOperation {
    pub(crate) name: &'static str,
    pub(crate) operation: &'static Operation,
    pub(crate) labels: Vec<(String, String)>,
}

impl ServiceModel {
    /// The type called `name`.
    pub(crate) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// The error called `code`.
    pub(crate) fn error(&self, code: &str) -> Option<ErrorShape> {
        let shape = self.shapes.get(code)?;
        let message = if shape.members.contains_key("Message") { "Message" } else { "message" };
        Some(ErrorShape { status: shape.status?, message })
    }

    /// The name of an error as the table has it, for good.
    pub(crate) fn error_code(&'static self, code: &str) -> Option<&'static str> {
        let (name, shape) = self.shapes.get_key_value(code)?;
        shape.status.map(|_| name.as_str())
    }

    /// The names of all errors.
    pub(crate) fn error_codes(&'static self) -> impl Iterator<Item = &'static str> {
        self.shapes.iter().filter(|(_, shape)| shape.status.is_some()).map(|(name, _)| name.as_str())
    }

    /// The operation that a request asks for. A trailing slash is forgiven, because SDKs differ in it.
    pub(crate) fn find(&'static self, method: &str, path: &str, query: &[(String, String)]) -> Option<RoutedOperation> {
        let given: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
        let mut best: Option<(usize, RoutedOperation)> = None;
        for route in self.routes() {
            let (name, operation) = self.operations.get_key_value(&route.name)?;
            if operation.method != method {
                continue;
            }
            let request = operation.query.iter().all(|(key, value)| query.iter().any(|(k, v)| k == key && v == value));
            let Some(labels) = request.then(|| route.read(&given)).flatten() else { continue };
            // The more of a route is fixed, the better it fits: `/layers?find=LayerVersion` before `/layers`.
            let weight = operation.query.len() * 100 + route.segments.len() - labels.len();
            if best.as_ref().is_none_or(|(other, _)| weight > *other) {
                best = Some((weight, RoutedOperation { name, operation, labels }));
            }
        }
        best.map(|(_, found)| found)
    }

    fn routes(&self) -> &[Route] {
        self.routes
            .get_or_init(|| self.operations.iter().map(|(name, operation)| Route::new(name, &operation.path)).collect())
    }
}

impl Route {
    fn new(name: &str, path: &str) -> Self {
        let segments = path.trim_matches('/').split('/').map(|segment| {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(label) => Segment::Label(label.to_owned()),
                None => Segment::Fixed(segment.to_owned()),
            }
        });
        Route { name: name.to_owned(), segments: segments.collect() }
    }

    fn read(&self, given: &[&str]) -> Option<Vec<(String, String)>> {
        if given.len() != self.segments.len() {
            return None;
        }
        let mut labels = Vec::new();
        for (segment, text) in self.segments.iter().zip(given) {
            match segment {
                Segment::Fixed(fixed) if fixed == text => {}
                Segment::Fixed(_) => return None,
                Segment::Label(name) if !text.is_empty() => {
                    labels.push((name.clone(), percent_decode_str(text).decode_utf8_lossy().into_owned()));
                }
                Segment::Label(_) => return None,
            }
        }
        Some(labels)
    }
}

impl Operation {
    /// A path of this operation with the same text for every label.
    #[cfg(test)]
    pub(crate) fn path_with(&self, label: &str) -> String {
        let segments = self.path.split('/').map(|segment| if segment.starts_with('{') { label } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }
}

impl Shape {
    /// Returns whether `text` matches the shape's pattern; true if it has none.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let regex = self.regex.get_or_init(|| Regex::new(&format!("^(?:{pattern})$")).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    #[cfg(test)]
    fn compiles(&self) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| Regex::new(&format!("^(?:{pattern})$")).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_model_can_be_checked() {
        let bad: Vec<_> = model().shapes.iter().filter(|(_, shape)| !shape.compiles()).map(|(name, _)| name).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }

    #[test]
    fn every_shape_that_is_named_exists() {
        let model = model();
        for shape in model.shapes.values() {
            let named = [&shape.key, &shape.value, &shape.member];
            for name in named.into_iter().flatten().chain(shape.members.values().map(|member| &member.shape)) {
                assert!(model.shape(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn a_query_can_decide_between_operations() {
        let query = [("find".to_owned(), "LayerVersion".to_owned())];
        let by_arn = model().find("GET", "/2018-10-31/layers", &query).map(|found| found.name);
        let list = model().find("GET", "/2018-10-31/layers/", &[]).map(|found| found.name);
        assert_eq!((by_arn, list), (Some("GetLayerVersionByArn"), Some("ListLayers")));
    }

    #[test]
    fn labels_are_decoded() {
        let found = model().find("GET", "/2015-03-31/functions/a%3Ab", &[]).expect("a route");
        assert_eq!(found.labels, [("FunctionName".to_owned(), "a:b".to_owned())]);
    }
}
