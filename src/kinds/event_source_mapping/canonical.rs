//! Live mappings in the words of their declaration.

use serde_json::Value;

use super::identity::{Closeness, closeness};
use super::source::EventSource;
use super::spec::EventSourceMapping;

/// Puts live into the words of desired: filters that are the same JSON, and fields of a source that we do not know.
pub(crate) fn canonicalize(desired: &EventSourceMapping, live: &mut EventSourceMapping) {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let wanted = desired.filter_criteria.as_ref().map(|criteria| criteria.filters.as_slice()).unwrap_or_default();
    for filter in live.filter_criteria.iter_mut().flat_map(|criteria| &mut criteria.filters) {
        let value = parsed(&filter.pattern);
        let same = wanted.iter().find(|other| value.is_some() && parsed(&other.pattern) == value);
        if let Some(same) = same {
            filter.pattern.clone_from(&same.pattern);
        }
    }
    // Once a mapping of its own exists, the tag that was misplaced is put right.
    let function = desired.function.as_deref().unwrap_or_default();
    if desired.misplaced_tag.is_some() && closeness(desired, function, live) == Closeness::Whole {
        live.misplaced_tag.clone_from(&desired.misplaced_tag);
    }
    if EventSource::of(desired).is_none() && EventSource::of(live).is_none() {
        // The defaults of such a source are not known, so what is not declared is not compared.
        live.batch_size.take_if(|_| desired.batch_size.is_none());
        live.maximum_batching_window_in_seconds.take_if(|_| desired.maximum_batching_window_in_seconds.is_none());
        live.starting_position.take_if(|_| desired.starting_position.is_none());
        live.maximum_record_age_in_seconds.take_if(|_| desired.maximum_record_age_in_seconds.is_none());
        live.maximum_retry_attempts.take_if(|_| desired.maximum_retry_attempts.is_none());
        live.bisect_batch_on_function_error.take_if(|_| desired.bisect_batch_on_function_error.is_none());
        live.parallelization_factor.take_if(|_| desired.parallelization_factor.is_none());
        live.tumbling_window_in_seconds.take_if(|_| desired.tumbling_window_in_seconds.is_none());
    }
}
