//! REST-JSON, on the way in: a request becomes an operation with its members.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Number, Value};

use super::service_model::{Location, RoutedOperation, Shape, Type, model};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::is_region;

/// A request as it came off the socket.
#[derive(Debug)]
pub(crate) struct RawRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request for an operation, with its members and its region.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    pub(crate) name: &'static str,
    pub(crate) status: u16,
    pub(crate) shape: Option<&'static str>,
    pub(crate) input: Map<String, Value>,
    /// The region of the signature; unsigned requests have none.
    pub(crate) region: Option<String>,
    pub(crate) host: String,
    pub(crate) body: Vec<u8>,
}

impl ApiRequest {
    /// Returns another request from the same client, if there is such an operation.
    pub(crate) fn similar(&self, name: &str, input: Map<String, Value>) -> Option<ApiRequest> {
        let (name, operation) = model().operations.get_key_value(name)?;
        Some(ApiRequest {
            name,
            status: operation.status,
            shape: operation.input.as_deref(),
            input,
            region: self.region.clone(),
            host: self.host.clone(),
            body: Vec::new(),
        })
    }
}

/// Reads the operation and the members of a request.
pub(crate) fn read(request: RawRequest) -> Result<ApiRequest, ApiError> {
    let query = read_query(&request.query);
    let found = model().find(&request.method, &request.path, &query).ok_or_else(ApiError::unknown_operation)?;
    let input = read_input(&found, &query, &request)?;
    Ok(ApiRequest {
        name: found.name,
        status: found.operation.status,
        shape: found.operation.input.as_deref(),
        input,
        region: signed_region(&request.headers)?,
        host: request.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned(),
        body: request.body,
    })
}

/// The pairs of a query or of a form.
pub(crate) fn read_query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn read_input(
    found: &RoutedOperation,
    query: &[(String, String)],
    request: &RawRequest,
) -> Result<Map<String, Value>, ApiError> {
    let mut input = Map::new();
    let Some(shape) = found.operation.input.as_deref().and_then(|name| model().shape(name)) else { return Ok(input) };
    let body = if shape.payload.is_some() { Map::new() } else { read_body(&request.body)? };
    for (name, member) in &shape.members {
        let Some(kind) = model().shape(&member.shape) else { continue };
        let wire = member.name.as_deref().unwrap_or(name);
        let value = match member.location {
            // The payload is the body as it came, which every operation has at hand: here it only counts as given.
            Location::Body if kind.kind == Type::Blob && shape.payload.as_ref() == Some(name) => {
                Some(Value::String(String::new()))
            }
            Location::Body => body.get(name).map(|value| read_value(kind, value)).transpose()?.flatten(),
            Location::Path => find(&found.labels, wire).map(|text| read_text(kind, text)).transpose()?,
            Location::Query if kind.kind == Type::List => {
                let items: Vec<Value> =
                    query.iter().filter(|(key, _)| key == wire).map(|(_, v)| v.as_str().into()).collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            Location::Query => find(query, wire).map(|text| read_text(kind, text)).transpose()?,
            Location::Header => {
                let text = request.headers.get(wire).and_then(|value| value.to_str().ok());
                text.map(|text| read_text(kind, text)).transpose()?
            }
            Location::Headers | Location::Status => None,
        };
        if let Some(value) = value {
            input.insert(name.clone(), value);
        }
    }
    Ok(input)
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn read_body(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ApiError::serialization("Start of structure or map found where not expected.")),
        Err(_) => Err(ApiError::serialization("Could not parse request body into json: unexpected input")),
    }
}

/// A member of the path, the query or a header.
fn read_text(shape: &Shape, text: &str) -> Result<Value, ApiError> {
    let wrong = || ApiError::serialization(format!("'{text}' can not be converted to {}", noun(shape.kind)));
    match shape.kind {
        Type::Integer | Type::Long => text.parse::<i64>().map(Value::from).map_err(|_| wrong()),
        Type::Float | Type::Double => text.parse().ok().and_then(Number::from_f64).map(Value::Number).ok_or_else(wrong),
        Type::Boolean => text.parse::<bool>().map(Value::Bool).map_err(|_| wrong()),
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// A member of the body. JSON's null is the same as nothing.
pub(crate) fn read_value(shape: &Shape, value: &Value) -> Result<Option<Value>, ApiError> {
    let inner = |name: &Option<String>, value: &Value| match name.as_deref().and_then(|name| model().shape(name)) {
        Some(shape) => read_value(shape, value),
        None => Ok(Some(value.clone())),
    };
    let read = match (shape.kind, value) {
        (_, Value::Null) => return Ok(None),
        (Type::Structure, Value::Object(given)) => {
            let mut members = Map::new();
            for (name, member) in &shape.members {
                let Some(value) = given.get(name) else { continue };
                if let Some(value) = inner(&Some(member.shape.clone()), value)? {
                    members.insert(name.clone(), value);
                }
            }
            Value::Object(members)
        }
        (Type::Map, Value::Object(given)) => {
            let mut entries = Map::new();
            for (key, value) in given {
                if let Some(value) = inner(&shape.value, value)? {
                    entries.insert(key.clone(), value);
                }
            }
            Value::Object(entries)
        }
        (Type::List, Value::Array(given)) => {
            let items = given.iter().map(|item| inner(&shape.member, item));
            Value::Array(items.filter_map(Result::transpose).collect::<Result<_, _>>()?)
        }
        (Type::String | Type::Blob, Value::String(_)) | (Type::Boolean, Value::Bool(_)) => value.clone(),
        (Type::Integer | Type::Long, Value::Number(number)) => whole(number).ok_or_else(|| mismatch(shape, value))?,
        (Type::Float | Type::Double, Value::Number(_)) => value.clone(),
        (Type::Timestamp, Value::Number(_) | Value::String(_)) if is_time(value) => value.clone(),
        _ => return Err(mismatch(shape, value)),
    };
    Ok(Some(read))
}

/// Returns whether a value is a time that clients can read again: seconds from the year 1 to the year 9999, or a date as text.
///
/// A time before 1970 is one, and it is the service that refuses it, in words of its own.
fn is_time(value: &Value) -> bool {
    let years = -62_135_596_800.0..253_402_300_800.0;
    match value {
        Value::Number(seconds) => seconds.as_f64().is_some_and(|seconds| years.contains(&seconds)),
        Value::String(text) => text.parse::<jiff::Timestamp>().is_ok() || jiff::fmt::rfc2822::parse(text).is_ok(),
        _ => false,
    }
}

fn whole(number: &Number) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "guarded by the range just before it")]
    let from_double = |double: f64| (double.fract() == 0.0 && double.abs() < 9e15).then_some(double as i64);
    number.as_i64().or_else(|| number.as_f64().and_then(from_double)).map(Value::from)
}

fn mismatch(shape: &Shape, value: &Value) -> ApiError {
    let given = match value {
        Value::Array(_) | Value::Object(_) => {
            return ApiError::serialization("Start of structure or map found where not expected.");
        }
        Value::String(_) => "STRING_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        _ => "NUMBER_VALUE",
    };
    ApiError::serialization(format!("{given} can not be converted to {}", noun(shape.kind)))
}

fn noun(kind: Type) -> &'static str {
    match kind {
        Type::Integer => "an Integer",
        Type::Long => "a Long",
        Type::Float => "a Float",
        Type::Double => "a Double",
        Type::Boolean => "a Boolean",
        Type::Timestamp => "a Timestamp",
        Type::Blob => "a Blob",
        Type::List => "a List",
        Type::Map => "a Map",
        Type::String => "a String",
        Type::Structure => "a Structure",
    }
}

/// The region out of `Credential=KEY/20260101/us-east-1/lambda/aws4_request`; none if the request is not signed.
pub(crate) fn signed_region(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let signature = headers.get(header::AUTHORIZATION).and_then(|signature| signature.to_str().ok());
    let scope = signature.and_then(|text| text.split_once("Credential=")?.1.split(',').next());
    let Some(region) = scope.and_then(|scope| scope.split('/').rev().nth(2)) else { return Ok(None) };
    if !is_region(region) {
        let text = "Credential should be scoped to a valid region.";
        return Err(ApiError::new("InvalidSignatureException", text).untyped());
    }
    Ok(Some(region.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn request(method: &str, path: &str, body: &str) -> RawRequest {
        RawRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn null_is_nothing_and_unknown_members_are_passed_over() {
        let request =
            request("PUT", "/2017-10-31/functions/f/concurrency/", r#"{"ReservedConcurrentExecutions": null, "X": 1}"#);
        let request = read(request).expect("understood");
        assert_eq!((request.name, request.input.len()), ("PutFunctionConcurrency", 1));
    }

    #[test]
    fn a_wrong_type_is_named() {
        let request = request("PUT", "/2017-10-31/functions/f/concurrency", r#"{"ReservedConcurrentExecutions": "3"}"#);
        let error = read(request).expect_err("a refusal");
        assert_eq!(
            (error.code(), error.message()),
            ("SerializationException", "STRING_VALUE can not be converted to an Integer")
        );
    }

    #[test]
    fn the_signature_names_the_region() {
        let mut headers = HeaderMap::new();
        let signature =
            "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(signature));
        assert_eq!(signed_region(&headers), Ok(Some("eu-west-1".to_owned())));
        for region in ["..", "", "../evil", "blobs", "us-east-1/..", "US-EAST-1", "us-east", "-east-1", "a-b-c-d-e-f-1"]
        {
            let signature = format!("Credential=AK/20260101/{region}/lambda/aws4_request");
            headers.insert(header::AUTHORIZATION, signature.parse().expect("a header"));
            let refused = signed_region(&headers).map_err(|error| (error.status().as_u16(), error.code()));
            assert_eq!(refused, Err((403, "InvalidSignatureException")), "{region}");
        }
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer of nothing"));
        assert_eq!(signed_region(&headers), Ok(None));
        for region in ["us-east-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-7", "cn-north-1"]
        {
            assert!(is_region(region), "{region}");
        }
    }
}
