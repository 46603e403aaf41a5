//! What crosses to Lambda, as values: a [`Call`] goes out, a [`Reply`] or a [`Failure`] comes back.
//!
//! Kinds build calls and read replies and never send; only `cloud` sends. A call holds the SDK's own input
//! builder, so the wire format is AWS's own code and no member can be misspelt.
//!
//! The table [`every_operation!`] is the one list of operations: its rows make the two enums, the quota buckets,
//! paging and preconditions here, and the sending in `cloud`.

mod failure;
mod known_errors;
mod read_cache;

use std::future::Future;
use std::pin::Pin;

/// The request quotas of the Lambda control plane, per account and region.
/// [AWS: Lambda quotas, "Control plane API requests"](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// GetFunction: 100 requests a second, which makes it the cheapest read there is.
    GetFunction,
    /// GetPolicy: 15 requests a second.
    GetPolicy,
    /// All other control-plane operations together: 15 requests a second.
    Control,
}

/// Calls a macro with one row an operation:
/// `Name module InputBuilder Output bucket effect [flag]`.
///
/// `paged` operations answer in pages; `revision` operations accept a RevisionId.
macro_rules! every_operation {
    ($then:ident) => {
        $then! {
            AddLayerVersionPermission add_layer_version_permission AddLayerVersionPermissionInputBuilder AddLayerVersionPermissionOutput Control write [revision];
            AddPermission add_permission AddPermissionInputBuilder AddPermissionOutput Control write [revision];
            CreateAlias create_alias CreateAliasInputBuilder CreateAliasOutput Control write [];
            CreateCapacityProvider create_capacity_provider CreateCapacityProviderInputBuilder CreateCapacityProviderOutput Control write [];
            CreateCodeSigningConfig create_code_signing_config CreateCodeSigningConfigInputBuilder CreateCodeSigningConfigOutput Control write [];
            CreateEventSourceMapping create_event_source_mapping CreateEventSourceMappingInputBuilder CreateEventSourceMappingOutput Control write [];
            CreateFunction create_function CreateFunctionInputBuilder CreateFunctionOutput Control write [];
            CreateFunctionUrlConfig create_function_url_config CreateFunctionUrlConfigInputBuilder CreateFunctionUrlConfigOutput Control write [];
            DeleteAlias delete_alias DeleteAliasInputBuilder DeleteAliasOutput Control write [];
            DeleteCapacityProvider delete_capacity_provider DeleteCapacityProviderInputBuilder DeleteCapacityProviderOutput Control write [];
            DeleteCodeSigningConfig delete_code_signing_config DeleteCodeSigningConfigInputBuilder DeleteCodeSigningConfigOutput Control write [];
            DeleteEventSourceMapping delete_event_source_mapping DeleteEventSourceMappingInputBuilder DeleteEventSourceMappingOutput Control write [];
            DeleteFunction delete_function DeleteFunctionInputBuilder DeleteFunctionOutput Control write [];
            DeleteFunctionCodeSigningConfig delete_function_code_signing_config DeleteFunctionCodeSigningConfigInputBuilder DeleteFunctionCodeSigningConfigOutput Control write [];
            DeleteFunctionConcurrency delete_function_concurrency DeleteFunctionConcurrencyInputBuilder DeleteFunctionConcurrencyOutput Control write [];
            DeleteFunctionEventInvokeConfig delete_function_event_invoke_config DeleteFunctionEventInvokeConfigInputBuilder DeleteFunctionEventInvokeConfigOutput Control write [];
            DeleteFunctionUrlConfig delete_function_url_config DeleteFunctionUrlConfigInputBuilder DeleteFunctionUrlConfigOutput Control write [];
            DeleteLayerVersion delete_layer_version DeleteLayerVersionInputBuilder DeleteLayerVersionOutput Control write [];
            DeleteProvisionedConcurrencyConfig delete_provisioned_concurrency_config DeleteProvisionedConcurrencyConfigInputBuilder DeleteProvisionedConcurrencyConfigOutput Control write [];
            DeleteResourcePolicy delete_resource_policy DeleteResourcePolicyInputBuilder DeleteResourcePolicyOutput Control write [revision];
            GetAccountSettings get_account_settings GetAccountSettingsInputBuilder GetAccountSettingsOutput Control read [];
            GetAlias get_alias GetAliasInputBuilder GetAliasOutput Control read [];
            GetCapacityProvider get_capacity_provider GetCapacityProviderInputBuilder GetCapacityProviderOutput Control read [];
            GetCodeSigningConfig get_code_signing_config GetCodeSigningConfigInputBuilder GetCodeSigningConfigOutput Control read [];
            GetEventSourceMapping get_event_source_mapping GetEventSourceMappingInputBuilder GetEventSourceMappingOutput Control read [];
            GetFunction get_function GetFunctionInputBuilder GetFunctionOutput GetFunction read [];
            GetFunctionCodeSigningConfig get_function_code_signing_config GetFunctionCodeSigningConfigInputBuilder GetFunctionCodeSigningConfigOutput Control read [];
            GetFunctionConcurrency get_function_concurrency GetFunctionConcurrencyInputBuilder GetFunctionConcurrencyOutput Control read [];
            GetFunctionConfiguration get_function_configuration GetFunctionConfigurationInputBuilder GetFunctionConfigurationOutput Control read [];
            GetFunctionEventInvokeConfig get_function_event_invoke_config GetFunctionEventInvokeConfigInputBuilder GetFunctionEventInvokeConfigOutput Control read [];
            GetFunctionRecursionConfig get_function_recursion_config GetFunctionRecursionConfigInputBuilder GetFunctionRecursionConfigOutput Control read [];
            GetFunctionScalingConfig get_function_scaling_config GetFunctionScalingConfigInputBuilder GetFunctionScalingConfigOutput Control read [];
            GetFunctionUrlConfig get_function_url_config GetFunctionUrlConfigInputBuilder GetFunctionUrlConfigOutput Control read [];
            GetLayerVersion get_layer_version GetLayerVersionInputBuilder GetLayerVersionOutput Control read [];
            GetLayerVersionPolicy get_layer_version_policy GetLayerVersionPolicyInputBuilder GetLayerVersionPolicyOutput Control read [];
            GetPolicy get_policy GetPolicyInputBuilder GetPolicyOutput GetPolicy read [];
            GetProvisionedConcurrencyConfig get_provisioned_concurrency_config GetProvisionedConcurrencyConfigInputBuilder GetProvisionedConcurrencyConfigOutput Control read [];
            GetResourcePolicy get_resource_policy GetResourcePolicyInputBuilder GetResourcePolicyOutput Control read [];
            GetRuntimeManagementConfig get_runtime_management_config GetRuntimeManagementConfigInputBuilder GetRuntimeManagementConfigOutput Control read [];
            ListAliases list_aliases ListAliasesInputBuilder ListAliasesOutput Control read [paged];
            ListCapacityProviders list_capacity_providers ListCapacityProvidersInputBuilder ListCapacityProvidersOutput Control read [paged];
            ListCodeSigningConfigs list_code_signing_configs ListCodeSigningConfigsInputBuilder ListCodeSigningConfigsOutput Control read [paged];
            ListEventSourceMappings list_event_source_mappings ListEventSourceMappingsInputBuilder ListEventSourceMappingsOutput Control read [paged];
            ListFunctionEventInvokeConfigs list_function_event_invoke_configs ListFunctionEventInvokeConfigsInputBuilder ListFunctionEventInvokeConfigsOutput Control read [paged];
            ListFunctionUrlConfigs list_function_url_configs ListFunctionUrlConfigsInputBuilder ListFunctionUrlConfigsOutput Control read [paged];
            ListFunctionVersionsByCapacityProvider list_function_versions_by_capacity_provider ListFunctionVersionsByCapacityProviderInputBuilder ListFunctionVersionsByCapacityProviderOutput Control read [paged];
            ListFunctions list_functions ListFunctionsInputBuilder ListFunctionsOutput Control read [paged];
            ListFunctionsByCodeSigningConfig list_functions_by_code_signing_config ListFunctionsByCodeSigningConfigInputBuilder ListFunctionsByCodeSigningConfigOutput Control read [paged];
            ListLayerVersions list_layer_versions ListLayerVersionsInputBuilder ListLayerVersionsOutput Control read [paged];
            ListLayers list_layers ListLayersInputBuilder ListLayersOutput Control read [paged];
            ListProvisionedConcurrencyConfigs list_provisioned_concurrency_configs ListProvisionedConcurrencyConfigsInputBuilder ListProvisionedConcurrencyConfigsOutput Control read [paged];
            ListTags list_tags ListTagsInputBuilder ListTagsOutput Control read [];
            ListVersionsByFunction list_versions_by_function ListVersionsByFunctionInputBuilder ListVersionsByFunctionOutput Control read [paged];
            PublishLayerVersion publish_layer_version PublishLayerVersionInputBuilder PublishLayerVersionOutput Control write [];
            PublishVersion publish_version PublishVersionInputBuilder PublishVersionOutput Control write [revision];
            PutFunctionCodeSigningConfig put_function_code_signing_config PutFunctionCodeSigningConfigInputBuilder PutFunctionCodeSigningConfigOutput Control write [];
            PutFunctionConcurrency put_function_concurrency PutFunctionConcurrencyInputBuilder PutFunctionConcurrencyOutput Control write [];
            PutFunctionEventInvokeConfig put_function_event_invoke_config PutFunctionEventInvokeConfigInputBuilder PutFunctionEventInvokeConfigOutput Control write [];
            PutFunctionRecursionConfig put_function_recursion_config PutFunctionRecursionConfigInputBuilder PutFunctionRecursionConfigOutput Control write [];
            PutFunctionScalingConfig put_function_scaling_config PutFunctionScalingConfigInputBuilder PutFunctionScalingConfigOutput Control write [];
            PutProvisionedConcurrencyConfig put_provisioned_concurrency_config PutProvisionedConcurrencyConfigInputBuilder PutProvisionedConcurrencyConfigOutput Control write [];
            PutResourcePolicy put_resource_policy PutResourcePolicyInputBuilder PutResourcePolicyOutput Control write [revision];
            PutRuntimeManagementConfig put_runtime_management_config PutRuntimeManagementConfigInputBuilder PutRuntimeManagementConfigOutput Control write [];
            RemoveLayerVersionPermission remove_layer_version_permission RemoveLayerVersionPermissionInputBuilder RemoveLayerVersionPermissionOutput Control write [revision];
            RemovePermission remove_permission RemovePermissionInputBuilder RemovePermissionOutput Control write [revision];
            TagResource tag_resource TagResourceInputBuilder TagResourceOutput Control write [];
            UntagResource untag_resource UntagResourceInputBuilder UntagResourceOutput Control write [];
            UpdateAlias update_alias UpdateAliasInputBuilder UpdateAliasOutput Control write [revision];
            UpdateCapacityProvider update_capacity_provider UpdateCapacityProviderInputBuilder UpdateCapacityProviderOutput Control write [];
            UpdateCodeSigningConfig update_code_signing_config UpdateCodeSigningConfigInputBuilder UpdateCodeSigningConfigOutput Control write [];
            UpdateEventSourceMapping update_event_source_mapping UpdateEventSourceMappingInputBuilder UpdateEventSourceMappingOutput Control write [];
            UpdateFunctionCode update_function_code UpdateFunctionCodeInputBuilder UpdateFunctionCodeOutput Control write [revision];
            UpdateFunctionConfiguration update_function_configuration UpdateFunctionConfigurationInputBuilder UpdateFunctionConfigurationOutput Control write [revision];
            UpdateFunctionUrlConfig update_function_url_config UpdateFunctionUrlConfigInputBuilder UpdateFunctionUrlConfigOutput Control write [];
        }
    };
}
pub(crate) use every_operation;
pub use failure::{Failure, FailureClass};
pub use known_errors::{Cause, denied_action};
pub use read_cache::{ReadCache, ReadError, ReadResult};

/// An operation of the Lambda API whose call and reply types are known.
pub trait Operation {
    /// The reply of the operation, as the SDK has it.
    type Output;
    /// The call as a value.
    fn call(self) -> Call;
    /// The reply, if it is one to this operation.
    fn reply(reply: &Reply) -> Option<&Self::Output>;
}

macro_rules! declare {
    ($($name:ident $module:ident $input:ident $output:ident $bucket:ident $effect:ident [$($flag:ident)?];)*) => {
        $(pub use aws_sdk_lambda::operation::$module::{builders::$input, $output};)*

        /// One call of the Lambda API: an arm an operation, holding the SDK's own input.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Call {
            $($name(Box<$input>),)*
        }

        /// One answer of the Lambda API: an arm an operation, holding the SDK's own output.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Reply {
            $($name(Box<$output>),)*
        }

        $(impl Operation for $input {
            type Output = $output;
            fn call(self) -> Call {
                Call::$name(Box::new(self))
            }
            fn reply(reply: &Reply) -> Option<&$output> {
                match reply {
                    Reply::$name(output) => Some(output),
                    _ => None,
                }
            }
        })*

        impl Call {
            /// The name of the operation, as AWS writes it.
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Call::$name(_) => stringify!($name),)*
                }
            }

            /// The request quota that the call draws on.
            pub fn bucket(&self) -> Bucket {
                match self {
                    $(Call::$name(_) => Bucket::$bucket,)*
                }
            }

            /// Whether the call changes anything.
            pub fn is_write(&self) -> bool {
                match self {
                    $(Call::$name(_) => declare!(@write $effect),)*
                }
            }

            /// Whether the call, sent twice, makes two: Lambda chooses what tells them apart, and refuses no second one.
            /// Others are refused, or find what they wanted done.
            pub fn may_double(&self) -> bool {
                const CHOSEN: [&str; 3] = ["CreateCodeSigningConfig", "CreateEventSourceMapping", "PublishLayerVersion"];
                CHOSEN.contains(&self.operation())
            }

            /// The same call with a RevisionId as its precondition; `None` if the operation takes none.
            pub fn with_revision(self, revision: &str) -> Option<Call> {
                match self {
                    $(Call::$name(input) => declare!(@revision input revision $name [$($flag)?]),)*
                }
            }

            /// The call for the page after `reply`, if there is one.
            ///
            /// A marker that repeats the one just sent would never end, so it ends the listing.
            pub fn next_page(&self, reply: &Reply) -> Option<Call> {
                match (self, reply) {
                    $((Call::$name(_input), Reply::$name(_output)) => declare!(@page _input _output $name [$($flag)?]),)*
                    _ => None,
                }
            }
        }
    };
    (@write read) => { false };
    (@write write) => { true };
    (@revision $input:ident $revision:ident $name:ident [revision]) => {
        Some(Call::$name(Box::new($input.revision_id($revision))))
    };
    (@revision $input:ident $revision:ident $name:ident [$($flag:ident)?]) => {{
        let _ = $input;
        None
    }};
    (@page $input:ident $output:ident $name:ident [paged]) => {{
        let next = $output.next_marker().filter(|marker| !marker.is_empty())?;
        if $input.get_marker().as_deref() == Some(next) {
            return None;
        }
        Some(Call::$name(Box::new($input.as_ref().clone().marker(next))))
    }};
    (@page $input:ident $output:ident $name:ident [$($flag:ident)?]) => { None };
}

every_operation!(declare);

impl Call {
    /// Whether the call lists something of the whole account, so that its length has nothing to do with the stack's.
    pub fn is_account_wide(&self) -> bool {
        match self {
            Call::ListFunctions(_) => true,
            Call::ListEventSourceMappings(input) => {
                input.get_function_name().is_none() && input.get_event_source_arn().is_none()
            }
            _ => false,
        }
    }

    /// What makes two reads the same read: the operation and its whole input.
    pub fn identity(&self) -> String {
        format!("{self:?}")
    }
}

/// What an endpoint promises to deliver: the reply, or the failure.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

/// What an endpoint promises to fetch: the bytes, or why not.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + 'a>>;

/// Somewhere that calls can be sent: the real Lambda, the embedded one, or any server that speaks its API.
pub trait Endpoint: Send + Sync {
    /// Sends one call once. Pacing and repeating are the endpoint's business only as far as the call surely had no effect.
    fn send(&self, call: Call) -> Sending<'_>;

    /// Fetches what a URL that Lambda has given out leads to, such as a package; fails beyond `limit` bytes.
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a>;
}
