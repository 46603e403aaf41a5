//! The resource that IAM checks an operation on.
//!
//! The action of an operation has its name. [AWS: Actions, resources, and condition keys for AWS
//! Lambda](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html).

use super::Operation;

/// The resource that IAM checks an operation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthorizedOn {
    /// None: a policy allows the operation on `*`.
    Nothing,
    /// A function as a whole.
    Function,
    /// A function, or one of its versions or aliases, as the call names it.
    Qualified,
    /// A version of a function, and never the whole function.
    Version,
    /// A layer.
    Layer,
    /// A version of a layer.
    LayerVersion,
    /// None, but the function of the new mapping is a condition key.
    NewMapping,
    /// An event source mapping.
    Mapping,
    /// None: the configuration has no ARN before it exists.
    NewCodeSigningConfig,
    /// A code signing configuration.
    CodeSigningConfig,
    /// A capacity provider.
    CapacityProvider,
    /// The resource itself, which its kind knows.
    Own,
}

impl Operation {
    /// Returns the name of the action that a policy must allow.
    pub fn action(self) -> String {
        format!("lambda:{}", self.name())
    }

    /// Returns the resource that IAM checks the operation on.
    #[expect(clippy::too_many_lines, reason = "a line for each operation")]
    pub const fn authorized_on(self) -> AuthorizedOn {
        use Operation::*;
        match self {
            GetAccountSettings
            | ListCapacityProviders
            | ListCodeSigningConfigs
            | ListEventSourceMappings
            | ListFunctions
            | ListLayers
            | ListLayerVersions => AuthorizedOn::Nothing,
            CreateAlias
            | CreateFunction
            | DeleteAlias
            | DeleteFunctionCodeSigningConfig
            | DeleteFunctionConcurrency
            | GetAlias
            | GetFunctionCodeSigningConfig
            | GetFunctionConcurrency
            | GetFunctionRecursionConfig
            | ListAliases
            | ListFunctionEventInvokeConfigs
            | ListFunctionUrlConfigs
            | ListProvisionedConcurrencyConfigs
            | ListVersionsByFunction
            | PublishVersion
            | PutFunctionCodeSigningConfig
            | PutFunctionConcurrency
            | PutFunctionRecursionConfig
            | UpdateAlias
            | UpdateFunctionCode
            | UpdateFunctionConfiguration => AuthorizedOn::Function,
            AddPermission
            | CreateFunctionUrlConfig
            | DeleteFunctionEventInvokeConfig
            | DeleteFunctionUrlConfig
            | DeleteProvisionedConcurrencyConfig
            | DeleteResourcePolicy
            | GetFunction
            | GetFunctionConfiguration
            | GetFunctionEventInvokeConfig
            | GetFunctionScalingConfig
            | GetFunctionUrlConfig
            | GetPolicy
            | GetProvisionedConcurrencyConfig
            | GetResourcePolicy
            | GetRuntimeManagementConfig
            | PutFunctionEventInvokeConfig
            | PutFunctionScalingConfig
            | PutProvisionedConcurrencyConfig
            | PutResourcePolicy
            | PutRuntimeManagementConfig
            | RemovePermission
            | UpdateFunctionUrlConfig => AuthorizedOn::Qualified,
            PublishLayerVersion => AuthorizedOn::Layer,
            AddLayerVersionPermission
            | DeleteLayerVersion
            | GetLayerVersion
            | GetLayerVersionPolicy
            | RemoveLayerVersionPermission => AuthorizedOn::LayerVersion,
            CreateEventSourceMapping => AuthorizedOn::NewMapping,
            DeleteEventSourceMapping | GetEventSourceMapping | UpdateEventSourceMapping => AuthorizedOn::Mapping,
            CreateCodeSigningConfig => AuthorizedOn::NewCodeSigningConfig,
            DeleteCodeSigningConfig
            | GetCodeSigningConfig
            | ListFunctionsByCodeSigningConfig
            | UpdateCodeSigningConfig => AuthorizedOn::CodeSigningConfig,
            CreateCapacityProvider
            | DeleteCapacityProvider
            | GetCapacityProvider
            | ListFunctionVersionsByCapacityProvider
            | UpdateCapacityProvider => AuthorizedOn::CapacityProvider,
            DeleteFunction | ListTags | TagResource | UntagResource => AuthorizedOn::Own,
        }
    }
}
