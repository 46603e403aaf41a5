//! Reads whose answer is also an entry of a listing, so that one listing answers many of them.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::{Call, GetEventSourceMappingOutput, ListEventSourceMappingsInputBuilder, Reply, TypedCall as _};

impl Call {
    /// Returns the listing of the account that has the answer to this read among its entries.
    pub fn listing(&self) -> Option<Call> {
        match self {
            Call::GetEventSourceMapping(_) => Some(ListEventSourceMappingsInputBuilder::default().call()),
            _ => None,
        }
    }

    /// Returns the answer to this read from a page of its listing; `None` if the page does not have the whole of it.
    pub fn answer_in(&self, page: &Reply) -> Option<Reply> {
        match (self, page) {
            (Call::GetEventSourceMapping(read), Reply::ListEventSourceMappings(page)) => {
                let mut entries = page.event_source_mappings().iter();
                let entry = entries.find(|entry| entry.uuid() == read.get_uuid().as_deref())?;
                // Listings hide filters that are encrypted.
                let is_whole = entry.kms_key_arn().is_none_or(str::is_empty);
                is_whole.then(|| Reply::GetEventSourceMapping(Box::new(mapping(entry))))
            }
            _ => None,
        }
    }
}

/// Copies the members of an entry, which have the same names in the answer.
macro_rules! copied {
    ($entry:expr, $builder:expr, $($member:ident $set:ident,)*) => {
        $builder$(.$set($entry.$member.clone()))*.build()
    };
}

fn mapping(entry: &EventSourceMappingConfiguration) -> GetEventSourceMappingOutput {
    copied!(
        entry,
        GetEventSourceMappingOutput::builder(),
        amazon_managed_kafka_event_source_config set_amazon_managed_kafka_event_source_config,
        batch_size set_batch_size,
        bisect_batch_on_function_error set_bisect_batch_on_function_error,
        destination_config set_destination_config,
        document_db_event_source_config set_document_db_event_source_config,
        event_source_arn set_event_source_arn,
        event_source_mapping_arn set_event_source_mapping_arn,
        filter_criteria set_filter_criteria,
        filter_criteria_error set_filter_criteria_error,
        function_arn set_function_arn,
        function_response_types set_function_response_types,
        kms_key_arn set_kms_key_arn,
        last_modified set_last_modified,
        last_processing_result set_last_processing_result,
        logging_config set_logging_config,
        maximum_batching_window_in_seconds set_maximum_batching_window_in_seconds,
        maximum_record_age_in_seconds set_maximum_record_age_in_seconds,
        maximum_retry_attempts set_maximum_retry_attempts,
        metrics_config set_metrics_config,
        parallelization_factor set_parallelization_factor,
        provisioned_poller_config set_provisioned_poller_config,
        queues set_queues,
        scaling_config set_scaling_config,
        self_managed_event_source set_self_managed_event_source,
        self_managed_kafka_event_source_config set_self_managed_kafka_event_source_config,
        source_access_configurations set_source_access_configurations,
        starting_position set_starting_position,
        starting_position_timestamp set_starting_position_timestamp,
        state set_state,
        state_transition_reason set_state_transition_reason,
        topics set_topics,
        tumbling_window_in_seconds set_tumbling_window_in_seconds,
        uuid set_uuid,
    )
}
