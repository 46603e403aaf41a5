//! The arguments of an operation, and short ways to read its members.

use serde_json::{Map, Value};

use super::api_error::ApiError;
use super::ids::{IdGenerator, format_time};
use super::options::Options;
use crate::sim::context::identifiers::partition_of;
use crate::sim::faults::shortages::Shortages;
use crate::sim::http::response::Reply;
use crate::sim::store::documents::Region;
use crate::sim::store::packages::PackageStore;

/// The code of one operation.
pub(crate) type OperationFn = fn(&mut Arguments<'_>) -> Result<Reply, ApiError>;

/// One call to one operation, with the region it works on.
pub(crate) struct Arguments<'a> {
    pub(crate) region: &'a mut Region,
    pub(crate) context: RequestContext<'a>,
    pub(crate) ids: &'a mut IdGenerator,
    pub(crate) packages: &'a mut PackageStore,
    pub(crate) input: Map<String, Value>,
    pub(crate) now: i64,
}

/// The circumstances of a request.
#[derive(Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) options: &'a Options,
    pub(crate) region: &'a str,
    pub(crate) host: &'a str,
    /// The body as it came, for what depends on the order of its members.
    pub(crate) body: &'a [u8],
    /// The injected shortages.
    pub(crate) shortages: &'a Shortages,
}

impl RequestContext<'_> {
    /// The partition of the region.
    pub(crate) fn partition(&self) -> &'static str {
        partition_of(self.region)
    }

    /// Returns the ARN of a Lambda resource in this account and region.
    pub(crate) fn arn(&self, rest: &str) -> String {
        format!("arn:{}:lambda:{}:{}:{rest}", self.partition(), self.region, self.options.account)
    }

    /// Returns whether a resource of another service exists; none of another partition does.
    pub(crate) fn exists(&self, arn: &str) -> bool {
        arn.split(':').nth(1) == Some(self.partition()) && self.options.external.exist(arn)
    }

    /// The ARN of a function.
    pub(crate) fn function_arn(&self, name: &str) -> String {
        self.arn(&format!("function:{name}"))
    }

    /// The ARN of a function with a qualifier.
    pub(crate) fn qualified_arn(&self, name: &str, qualifier: &str) -> String {
        self.arn(&format!("function:{name}:{qualifier}"))
    }
}

impl Arguments<'_> {
    /// A member that is text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// A member that is text, of which the framework has checked that it is there.
    pub(crate) fn required(&self, member: &str) -> String {
        self.text(member).unwrap_or_default().to_owned()
    }

    /// A member that is a whole number.
    pub(crate) fn number(&self, member: &str) -> Option<i64> {
        self.input.get(member).and_then(Value::as_i64)
    }

    /// A member that is true or false; false where absent.
    pub(crate) fn flag(&self, member: &str) -> bool {
        self.input.get(member).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns the time of a change to the resource `of`, as text.
    pub(crate) fn timestamp(&mut self, of: &str) -> String {
        format_time(self.ids.timestamp(of, self.now))
    }

    /// The moment after `time` from now.
    pub(crate) fn after(&self, time: std::time::Duration) -> i64 {
        self.now.saturating_add(super::clock::millis(time))
    }

    /// One page of `items`, which come in the order of their keys and start after the caller's marker.
    pub(crate) fn page<T>(&self, most: usize, items: impl Iterator<Item = (String, T)>) -> Page<T> {
        let requested = self.number("MaxItems").and_then(|max| usize::try_from(max).ok()).unwrap_or(most);
        let limit = requested.clamp(1, most);
        let mut page = Page { items: Vec::new(), next: None };
        let mut last = String::new();
        for (key, item) in items {
            if page.items.len() == limit {
                page.next = Some(marker(&last));
                break;
            }
            page.items.push(item);
            last = key;
        }
        page
    }

    /// The key after which the page that the caller asks for starts.
    pub(crate) fn page_start(&self) -> Result<Option<String>, ApiError> {
        let Some(given) = self.text("Marker").filter(|marker| !marker.is_empty()) else { return Ok(None) };
        let key = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, given).ok();
        let key = key.and_then(|key| String::from_utf8(key).ok());
        let key = key.and_then(|key| key.strip_prefix(MARK).map(str::to_owned));
        key.map(Some).ok_or_else(|| ApiError::invalid_parameter("Invalid Marker"))
    }
}

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    next: Option<String>,
}

impl Page<Value> {
    /// The answer, with the items under `name`.
    pub(crate) fn reply(self, name: &str) -> Reply {
        let mut body = Map::new();
        body.insert(name.to_owned(), Value::Array(self.items));
        if let Some(next) = self.next {
            body.insert("NextMarker".to_owned(), Value::String(next));
        }
        Reply::json(Value::Object(body))
    }
}

/// The start of every marker. A key may be empty, as that of a function's own URL among those of its aliases, and clients
/// take an empty marker for the end of the list.
const MARK: &str = "after ";

fn marker(key: &str) -> String {
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{MARK}{key}"))
}
