//! The operations of the Lambda API: one row each in [`every_operation!`], from which the enums of operations, calls and replies
//! follow, with the effects, the quota buckets, paging and preconditions.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Bucket;

/// Calls a macro with one row an operation:
/// `Name module InputBuilder Output bucket effect [flag]`.
///
/// `paged` operations answer in pages; `revision` operations accept a RevisionId.
macro_rules! every_operation {
    ($then:ident) => {
        $then! {
            AddLayerVersionPermission add_layer_version_permission AddLayerVersionPermissionInputBuilder AddLayerVersionPermissionOutput Control Update [revision];
            AddPermission add_permission AddPermissionInputBuilder AddPermissionOutput Control Update [revision];
            CreateAlias create_alias CreateAliasInputBuilder CreateAliasOutput Control Create [];
            CreateCapacityProvider create_capacity_provider CreateCapacityProviderInputBuilder CreateCapacityProviderOutput Control Create [];
            CreateCodeSigningConfig create_code_signing_config CreateCodeSigningConfigInputBuilder CreateCodeSigningConfigOutput Control Create [];
            CreateEventSourceMapping create_event_source_mapping CreateEventSourceMappingInputBuilder CreateEventSourceMappingOutput Control Create [];
            CreateFunction create_function CreateFunctionInputBuilder CreateFunctionOutput Control Create [];
            CreateFunctionUrlConfig create_function_url_config CreateFunctionUrlConfigInputBuilder CreateFunctionUrlConfigOutput Control Create [];
            DeleteAlias delete_alias DeleteAliasInputBuilder DeleteAliasOutput Control Delete [];
            DeleteCapacityProvider delete_capacity_provider DeleteCapacityProviderInputBuilder DeleteCapacityProviderOutput Control Delete [];
            DeleteCodeSigningConfig delete_code_signing_config DeleteCodeSigningConfigInputBuilder DeleteCodeSigningConfigOutput Control Delete [];
            DeleteEventSourceMapping delete_event_source_mapping DeleteEventSourceMappingInputBuilder DeleteEventSourceMappingOutput Control Delete [];
            DeleteFunction delete_function DeleteFunctionInputBuilder DeleteFunctionOutput Control Delete [];
            DeleteFunctionCodeSigningConfig delete_function_code_signing_config DeleteFunctionCodeSigningConfigInputBuilder DeleteFunctionCodeSigningConfigOutput Control Delete [];
            DeleteFunctionConcurrency delete_function_concurrency DeleteFunctionConcurrencyInputBuilder DeleteFunctionConcurrencyOutput Control Delete [];
            DeleteFunctionEventInvokeConfig delete_function_event_invoke_config DeleteFunctionEventInvokeConfigInputBuilder DeleteFunctionEventInvokeConfigOutput Control Delete [];
            DeleteFunctionUrlConfig delete_function_url_config DeleteFunctionUrlConfigInputBuilder DeleteFunctionUrlConfigOutput Control Delete [];
            DeleteLayerVersion delete_layer_version DeleteLayerVersionInputBuilder DeleteLayerVersionOutput Control Delete [];
            DeleteProvisionedConcurrencyConfig delete_provisioned_concurrency_config DeleteProvisionedConcurrencyConfigInputBuilder DeleteProvisionedConcurrencyConfigOutput Control Delete [];
            DeleteResourcePolicy delete_resource_policy DeleteResourcePolicyInputBuilder DeleteResourcePolicyOutput Control Delete [revision];
            GetAccountSettings get_account_settings GetAccountSettingsInputBuilder GetAccountSettingsOutput Control Read [];
            GetAlias get_alias GetAliasInputBuilder GetAliasOutput Control Read [];
            GetCapacityProvider get_capacity_provider GetCapacityProviderInputBuilder GetCapacityProviderOutput Control Read [];
            GetCodeSigningConfig get_code_signing_config GetCodeSigningConfigInputBuilder GetCodeSigningConfigOutput Control Read [];
            GetEventSourceMapping get_event_source_mapping GetEventSourceMappingInputBuilder GetEventSourceMappingOutput Control Read [];
            GetFunction get_function GetFunctionInputBuilder GetFunctionOutput GetFunction Read [];
            GetFunctionCodeSigningConfig get_function_code_signing_config GetFunctionCodeSigningConfigInputBuilder GetFunctionCodeSigningConfigOutput Control Read [];
            GetFunctionConcurrency get_function_concurrency GetFunctionConcurrencyInputBuilder GetFunctionConcurrencyOutput Control Read [];
            GetFunctionConfiguration get_function_configuration GetFunctionConfigurationInputBuilder GetFunctionConfigurationOutput Control Read [];
            GetFunctionEventInvokeConfig get_function_event_invoke_config GetFunctionEventInvokeConfigInputBuilder GetFunctionEventInvokeConfigOutput Control Read [];
            GetFunctionRecursionConfig get_function_recursion_config GetFunctionRecursionConfigInputBuilder GetFunctionRecursionConfigOutput Control Read [];
            GetFunctionScalingConfig get_function_scaling_config GetFunctionScalingConfigInputBuilder GetFunctionScalingConfigOutput Control Read [];
            GetFunctionUrlConfig get_function_url_config GetFunctionUrlConfigInputBuilder GetFunctionUrlConfigOutput Control Read [];
            GetLayerVersion get_layer_version GetLayerVersionInputBuilder GetLayerVersionOutput Control Read [];
            GetLayerVersionPolicy get_layer_version_policy GetLayerVersionPolicyInputBuilder GetLayerVersionPolicyOutput Control Read [];
            GetPolicy get_policy GetPolicyInputBuilder GetPolicyOutput GetPolicy Read [];
            GetProvisionedConcurrencyConfig get_provisioned_concurrency_config GetProvisionedConcurrencyConfigInputBuilder GetProvisionedConcurrencyConfigOutput Control Read [];
            GetResourcePolicy get_resource_policy GetResourcePolicyInputBuilder GetResourcePolicyOutput Control Read [];
            GetRuntimeManagementConfig get_runtime_management_config GetRuntimeManagementConfigInputBuilder GetRuntimeManagementConfigOutput Control Read [];
            ListAliases list_aliases ListAliasesInputBuilder ListAliasesOutput Control Read [paged];
            ListCapacityProviders list_capacity_providers ListCapacityProvidersInputBuilder ListCapacityProvidersOutput Control Read [paged];
            ListCodeSigningConfigs list_code_signing_configs ListCodeSigningConfigsInputBuilder ListCodeSigningConfigsOutput Control Read [paged];
            ListEventSourceMappings list_event_source_mappings ListEventSourceMappingsInputBuilder ListEventSourceMappingsOutput Control Read [paged];
            ListFunctionEventInvokeConfigs list_function_event_invoke_configs ListFunctionEventInvokeConfigsInputBuilder ListFunctionEventInvokeConfigsOutput Control Read [paged];
            ListFunctionUrlConfigs list_function_url_configs ListFunctionUrlConfigsInputBuilder ListFunctionUrlConfigsOutput Control Read [paged];
            ListFunctionVersionsByCapacityProvider list_function_versions_by_capacity_provider ListFunctionVersionsByCapacityProviderInputBuilder ListFunctionVersionsByCapacityProviderOutput Control Read [paged];
            ListFunctions list_functions ListFunctionsInputBuilder ListFunctionsOutput Control Read [paged];
            ListFunctionsByCodeSigningConfig list_functions_by_code_signing_config ListFunctionsByCodeSigningConfigInputBuilder ListFunctionsByCodeSigningConfigOutput Control Read [paged];
            ListLayerVersions list_layer_versions ListLayerVersionsInputBuilder ListLayerVersionsOutput Control Read [paged];
            ListLayers list_layers ListLayersInputBuilder ListLayersOutput Control Read [paged];
            ListProvisionedConcurrencyConfigs list_provisioned_concurrency_configs ListProvisionedConcurrencyConfigsInputBuilder ListProvisionedConcurrencyConfigsOutput Control Read [paged];
            ListTags list_tags ListTagsInputBuilder ListTagsOutput Control Read [];
            ListVersionsByFunction list_versions_by_function ListVersionsByFunctionInputBuilder ListVersionsByFunctionOutput Control Read [paged];
            PublishLayerVersion publish_layer_version PublishLayerVersionInputBuilder PublishLayerVersionOutput Control Create [];
            PublishVersion publish_version PublishVersionInputBuilder PublishVersionOutput Control Create [revision];
            PutFunctionCodeSigningConfig put_function_code_signing_config PutFunctionCodeSigningConfigInputBuilder PutFunctionCodeSigningConfigOutput Control Update [];
            PutFunctionConcurrency put_function_concurrency PutFunctionConcurrencyInputBuilder PutFunctionConcurrencyOutput Control Update [];
            PutFunctionEventInvokeConfig put_function_event_invoke_config PutFunctionEventInvokeConfigInputBuilder PutFunctionEventInvokeConfigOutput Control Update [];
            PutFunctionRecursionConfig put_function_recursion_config PutFunctionRecursionConfigInputBuilder PutFunctionRecursionConfigOutput Control Update [];
            PutFunctionScalingConfig put_function_scaling_config PutFunctionScalingConfigInputBuilder PutFunctionScalingConfigOutput Control Update [];
            PutProvisionedConcurrencyConfig put_provisioned_concurrency_config PutProvisionedConcurrencyConfigInputBuilder PutProvisionedConcurrencyConfigOutput Control Update [];
            PutResourcePolicy put_resource_policy PutResourcePolicyInputBuilder PutResourcePolicyOutput Control Update [revision];
            PutRuntimeManagementConfig put_runtime_management_config PutRuntimeManagementConfigInputBuilder PutRuntimeManagementConfigOutput Control Update [];
            RemoveLayerVersionPermission remove_layer_version_permission RemoveLayerVersionPermissionInputBuilder RemoveLayerVersionPermissionOutput Control Detach [revision];
            RemovePermission remove_permission RemovePermissionInputBuilder RemovePermissionOutput Control Detach [revision];
            TagResource tag_resource TagResourceInputBuilder TagResourceOutput Control Update [];
            UntagResource untag_resource UntagResourceInputBuilder UntagResourceOutput Control Update [];
            UpdateAlias update_alias UpdateAliasInputBuilder UpdateAliasOutput Control Update [revision];
            UpdateCapacityProvider update_capacity_provider UpdateCapacityProviderInputBuilder UpdateCapacityProviderOutput Control Update [];
            UpdateCodeSigningConfig update_code_signing_config UpdateCodeSigningConfigInputBuilder UpdateCodeSigningConfigOutput Control Update [];
            UpdateEventSourceMapping update_event_source_mapping UpdateEventSourceMappingInputBuilder UpdateEventSourceMappingOutput Control Update [];
            UpdateFunctionCode update_function_code UpdateFunctionCodeInputBuilder UpdateFunctionCodeOutput Control Update [revision];
            UpdateFunctionConfiguration update_function_configuration UpdateFunctionConfigurationInputBuilder UpdateFunctionConfigurationOutput Control Update [revision];
            UpdateFunctionUrlConfig update_function_url_config UpdateFunctionUrlConfigInputBuilder UpdateFunctionUrlConfigOutput Control Update [];
        }
    };
}
pub(crate) use every_operation;

/// The effect of an operation on the resource that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Creates it. Afterwards it exists, and did not before.
    Create,
    /// Changes it in place, or creates it where it does not exist yet.
    Update,
    /// Deletes it. Afterwards it does not exist.
    Delete,
    /// Removes a part of it, such as one statement of a policy; without its last part it does not exist.
    Detach,
    /// Changes nothing.
    Read,
}

/// The input of an operation of the Lambda API, with the type of its reply.
pub trait TypedCall {
    /// The SDK's type of the reply.
    type Output;
    /// Returns the call as a value.
    fn call(self) -> Call;
    /// Returns the reply, if it is one to this operation.
    fn reply(reply: &Reply) -> Option<&Self::Output>;
}

macro_rules! declare {
    ($($name:ident $module:ident $input:ident $output:ident $bucket:ident $effect:ident [$($flag:ident)?];)*) => {
        $(pub use aws_sdk_lambda::operation::$module::{builders::$input, $output};)*

        /// An operation of the Lambda API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[allow(missing_docs)]
        pub enum Operation {
            $($name,)*
        }

        impl Operation {
            /// Every operation, in alphabetical order.
            pub const ALL: &'static [Operation] = &[$(Operation::$name,)*];

            /// Returns the name of the operation, as AWS writes it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Operation::$name => stringify!($name),)*
                }
            }

            /// Returns the effect of the operation on the resource that it names.
            pub const fn effect(self) -> Effect {
                match self {
                    $(Operation::$name => Effect::$effect,)*
                }
            }

            /// Returns the request quota that calls of the operation draw on.
            pub const fn bucket(self) -> Bucket {
                match self {
                    $(Operation::$name => Bucket::$bucket,)*
                }
            }
        }

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

        $(impl TypedCall for $input {
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
            /// Returns the operation that is called.
            pub fn operation(&self) -> Operation {
                match self {
                    $(Call::$name(_) => Operation::$name,)*
                }
            }

            /// Returns the same call with a RevisionId as its precondition; `None` if the operation accepts none.
            pub fn with_revision(self, revision: &str) -> Option<Call> {
                match self {
                    $(Call::$name(input) => declare!(@revision input revision $name [$($flag)?]),)*
                }
            }

            /// Returns the call for the page after `reply`, if there is one.
            pub fn next_page(&self, reply: &Reply) -> Option<Call> {
                match (self, reply) {
                    $((Call::$name(_input), Reply::$name(_output)) => declare!(@page _input _output $name [$($flag)?]),)*
                    _ => None,
                }
            }
        }
    };
    (@revision $input:ident $revision:ident $name:ident [revision]) => {
        Some(Call::$name(Box::new($input.revision_id($revision))))
    };
    (@revision $input:ident $revision:ident $name:ident [$($flag:ident)?]) => {{
        let _ = $input;
        None
    }};
    (@page $input:ident $output:ident $name:ident [paged]) => {{
        let next = $output.next_marker().filter(|marker| !marker.is_empty())?;
        Some(Call::$name(Box::new($input.as_ref().clone().marker(next))))
    }};
    (@page $input:ident $output:ident $name:ident [$($flag:ident)?]) => { None };
}

every_operation!(declare);

impl Operation {
    /// Returns whether a call of the operation changes anything.
    pub fn is_write(self) -> bool {
        self.effect() != Effect::Read
    }

    /// Returns the time that Lambda usually works on the operation after its reply, so that nothing is gained by looking sooner.
    pub fn usual_time(self) -> Duration {
        match self {
            Operation::CreateFunction | Operation::UpdateFunctionCode | Operation::UpdateFunctionConfiguration => {
                Duration::from_secs(1)
            }
            Operation::CreateEventSourceMapping
            | Operation::DeleteEventSourceMapping
            | Operation::UpdateEventSourceMapping
            | Operation::PutProvisionedConcurrencyConfig => Duration::from_secs(2),
            _ => Duration::ZERO,
        }
    }

    /// Returns whether a call of the operation that is sent twice creates two resources, because Lambda chooses the
    /// identity and rejects no second one. A second call of any other operation is rejected, or changes nothing.
    pub fn may_duplicate(self) -> bool {
        matches!(
            self,
            Operation::CreateCodeSigningConfig | Operation::CreateEventSourceMapping | Operation::PublishLayerVersion
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Call {
    /// Returns true for listings of the whole account, whose length does not depend on the stack.
    pub fn is_account_wide(&self) -> bool {
        match self {
            Call::ListFunctions(_) => true,
            Call::ListEventSourceMappings(input) => {
                input.get_function_name().is_none() && input.get_event_source_arn().is_none()
            }
            _ => false,
        }
    }

    /// Returns the identity of a read: the operation and its whole input.
    pub fn identity(&self) -> String {
        format!("{self:?}")
    }
}
