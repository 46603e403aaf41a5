//! The limits of a function as a whole: its sizes, and settings that exclude each other.

use serde_json::{Map, Value};

use crate::sim::context::api_error::ApiError;

/// The most that an ordinary function may have of each, with where the value is and what messages call it.
const MOST: [(&str, &str, i64); 2] = [("/Timeout", "timeout", 900), (STORAGE, "ephemeralStorage.size", 10_240)];

const MOST_MEMORY: i64 = 10_240;

const STORAGE: &str = "/EphemeralStorage/Size";

/// Runtimes of which the service takes no snapshot although it takes some of newer ones of the same language.
const TOO_OLD: [&str; 6] = ["python3.8", "python3.9", "python3.10", "python3.11", "dotnet6", "java8.al2"];

/// Languages of which the service takes no snapshot.
const NEVER: [&str; 4] = ["nodejs", "ruby", "provided", "go"];

/// Refuses sizes that only functions on instances (`managed`) or with an accelerator may have. The model admits them for those, and
/// the real framework refuses them for all others in its own words.
pub(crate) fn check_size(input: &Map<String, Value>, managed: bool) -> Result<(), ApiError> {
    let whole = Value::Object(input.clone());
    let larger = MOST.iter().filter_map(|(place, name, most)| {
        let exempt = if *place == STORAGE { input.contains_key("AcceleratorConfig") } else { managed };
        let value = whole.pointer(place).and_then(Value::as_i64).filter(|value| value > most && !exempt)?;
        Some(format!(
            "Value '{value}' at '{name}' failed to satisfy constraint: Member must have value less than or equal to {most}"
        ))
    });
    let larger: Vec<String> = larger.collect();
    let noun = if larger.len() == 1 { "error" } else { "errors" };
    if larger.is_empty() {
        return check_memory(input, managed);
    }
    Err(ApiError::validation(format!("{} validation {noun} detected: {}", larger.len(), larger.join("; "))))
}

/// Memory is the account's quota, and not the framework's business, which shows in the text: public reports have it with 3008.
fn check_memory(input: &Map<String, Value>, managed: bool) -> Result<(), ApiError> {
    if managed || input.get("MemorySize").and_then(Value::as_i64).is_none_or(|size| size <= MOST_MEMORY) {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to {MOST_MEMORY}"
    )))
}

/// Refuses a function that takes snapshots and has something that a snapshot cannot hold. `members` are those that it will have.
pub(crate) fn check_snap_start(members: &Map<String, Value>, image: bool) -> Result<(), ApiError> {
    let apply_on = members.get("SnapStart").and_then(|snap_start| snap_start.get("ApplyOn")).and_then(Value::as_str);
    if apply_on != Some("PublishedVersions") {
        return Ok(());
    }
    let runtime = members.get("Runtime").and_then(Value::as_str).unwrap_or_default();
    if TOO_OLD.contains(&runtime) || NEVER.iter().any(|family| runtime.starts_with(family)) {
        return Err(unsupported(runtime));
    }
    if image {
        return Err(unsupported("PackageType Image"));
    }
    let storage = members.get("EphemeralStorage").and_then(|storage| storage.get("Size")).and_then(Value::as_i64);
    if storage.is_some_and(|size| size > 512) {
        return Err(unsupported("EphemeralStorage size greater than 512 MB"));
    }
    let file_systems = members.get("FileSystemConfigs").and_then(Value::as_array);
    if file_systems.is_some_and(|systems| !systems.is_empty()) {
        return Err(unsupported("FileSystemConfigs"));
    }
    Ok(())
}

/// Returns the error for a setting that SnapStart excludes.
pub(crate) fn unsupported(what: &str) -> ApiError {
    ApiError::invalid_parameter(format!("{what} is not supported for SnapStart enabled functions."))
}
