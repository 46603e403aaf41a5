//! The members that a complete response of each read has.
//!
//! A proxy, an emulator or a broken server may answer a read with 200 and an empty body. Taken at its word, that is an
//! account without functions. A response without the member that AWS always sends is therefore a failed read.

use super::Operation;

impl Operation {
    /// Returns the member that AWS sends in every response of this read. `None` for a write, and for the two reads that AWS
    /// answers with `{}` where a function has no such configuration.
    pub const fn expected_member(self) -> Option<&'static str> {
        Some(match self {
            Operation::GetAccountSettings => "AccountLimit",
            Operation::GetAlias => "Name",
            Operation::GetCapacityProvider => "CapacityProvider",
            Operation::GetCodeSigningConfig => "CodeSigningConfig",
            Operation::GetEventSourceMapping => "UUID",
            Operation::GetFunction => "Configuration",
            Operation::GetFunctionConfiguration => "FunctionName",
            Operation::GetFunctionEventInvokeConfig => "FunctionArn",
            Operation::GetFunctionRecursionConfig => "RecursiveLoop",
            Operation::GetFunctionScalingConfig => "FunctionArn",
            Operation::GetFunctionUrlConfig => "FunctionUrl",
            Operation::GetLayerVersion => "LayerVersionArn",
            Operation::GetLayerVersionPolicy | Operation::GetPolicy | Operation::GetResourcePolicy => "Policy",
            Operation::GetProvisionedConcurrencyConfig => "Status",
            Operation::GetRuntimeManagementConfig => "UpdateRuntimeOn",
            Operation::ListAliases => "Aliases",
            Operation::ListCapacityProviders => "CapacityProviders",
            Operation::ListCodeSigningConfigs => "CodeSigningConfigs",
            Operation::ListEventSourceMappings => "EventSourceMappings",
            Operation::ListFunctionEventInvokeConfigs => "FunctionEventInvokeConfigs",
            Operation::ListFunctionUrlConfigs => "FunctionUrlConfigs",
            Operation::ListFunctionVersionsByCapacityProvider => "FunctionVersions",
            Operation::ListFunctions => "Functions",
            Operation::ListFunctionsByCodeSigningConfig => "FunctionArns",
            Operation::ListLayerVersions => "LayerVersions",
            Operation::ListLayers => "Layers",
            Operation::ListProvisionedConcurrencyConfigs => "ProvisionedConcurrencyConfigs",
            Operation::ListTags => "Tags",
            Operation::ListVersionsByFunction => "Versions",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reads that AWS answers with `{}` where a function has no such configuration.
    const MAY_BE_EMPTY: [Operation; 2] = [Operation::GetFunctionCodeSigningConfig, Operation::GetFunctionConcurrency];

    #[test]
    fn every_read_has_an_expected_member_or_may_be_empty() {
        for operation in Operation::ALL {
            let is_checked = operation.expected_member().is_some() || MAY_BE_EMPTY.contains(operation);
            assert_eq!(is_checked, !operation.is_write(), "{operation}");
        }
    }
}
