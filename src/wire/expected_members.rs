//! The members that a complete response of each read has.
//!
//! A proxy, an emulator or a broken server may answer a read with 200 and an empty body. Taken at its word, that is an
//! account without functions. A response without the member that AWS always sends is therefore a failed read, and so is one
//! whose resource, or an entry of whose listing, lacks what says which resource it is and what it does.

use super::{Operation, Reply};

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

impl Reply {
    /// Returns a member that AWS always sends and that the resource in this reply to a read, or an entry of it, lacks.
    pub fn missing_member(&self) -> Option<&'static str> {
        match self {
            Reply::GetFunction(reply) => {
                let config = reply.configuration()?;
                first_missing([
                    ("Configuration.FunctionName", config.function_name().is_some()),
                    ("Configuration.FunctionArn", config.function_arn().is_some()),
                    ("Configuration.Role", config.role().is_some()),
                    ("Configuration.CodeSha256", config.code_sha256().is_some()),
                ])
            }
            Reply::GetAlias(reply) => first_missing([("FunctionVersion", reply.function_version().is_some())]),
            Reply::GetEventSourceMapping(reply) => {
                first_missing([("FunctionArn", reply.function_arn().is_some()), ("State", reply.state().is_some())])
            }
            Reply::GetFunctionUrlConfig(reply) => first_missing([("FunctionArn", !reply.function_arn().is_empty())]),
            Reply::ListAliases(reply) => missing_in(reply.aliases(), |it| {
                [("Aliases.Name", it.name().is_some()), ("Aliases.FunctionVersion", it.function_version().is_some())]
            }),
            Reply::ListEventSourceMappings(reply) => missing_in(reply.event_source_mappings(), |it| {
                [
                    ("EventSourceMappings.UUID", it.uuid().is_some()),
                    ("EventSourceMappings.FunctionArn", it.function_arn().is_some()),
                    ("EventSourceMappings.State", it.state().is_some()),
                ]
            }),
            Reply::ListFunctionEventInvokeConfigs(reply) => missing_in(reply.function_event_invoke_configs(), |it| {
                [("FunctionEventInvokeConfigs.FunctionArn", it.function_arn().is_some())]
            }),
            Reply::ListFunctionUrlConfigs(reply) => missing_in(reply.function_url_configs(), |it| {
                [("FunctionUrlConfigs.FunctionArn", !it.function_arn().is_empty())]
            }),
            Reply::ListFunctions(reply) => missing_in(reply.functions(), |it| {
                [
                    ("Functions.FunctionName", it.function_name().is_some()),
                    ("Functions.FunctionArn", it.function_arn().is_some()),
                ]
            }),
            Reply::ListLayers(reply) => {
                missing_in(reply.layers(), |it| [("Layers.LayerName", it.layer_name().is_some())])
            }
            Reply::ListLayerVersions(reply) => missing_in(reply.layer_versions(), |it| {
                [("LayerVersions.LayerVersionArn", it.layer_version_arn().is_some())]
            }),
            Reply::ListVersionsByFunction(reply) => missing_in(reply.versions(), |it| {
                [
                    ("Versions.Version", it.version().is_some()),
                    ("Versions.FunctionArn", it.function_arn().is_some()),
                    ("Versions.CodeSha256", it.code_sha256().is_some()),
                ]
            }),
            _ => None,
        }
    }
}

/// Returns the first of these members that is not there.
fn first_missing<const N: usize>(members: [(&'static str, bool); N]) -> Option<&'static str> {
    members.into_iter().find(|(_, is_there)| !is_there).map(|(name, _)| name)
}

/// Returns the first member that an entry of a listing lacks.
fn missing_in<E, const N: usize>(
    entries: &[E],
    members: impl Fn(&E) -> [(&'static str, bool); N],
) -> Option<&'static str> {
    entries.iter().find_map(|entry| first_missing(members(entry)))
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

    #[test]
    fn a_reply_whose_resource_says_nothing_of_itself_is_not_whole() {
        use aws_sdk_lambda::types::{AliasConfiguration, EventSourceMappingConfiguration, FunctionConfiguration};

        use crate::wire::{
            GetAliasOutput, GetFunctionOutput, ListAliasesOutput, ListEventSourceMappingsOutput, ListFunctionsOutput,
            ListVersionsByFunctionOutput,
        };

        let function = || FunctionConfiguration::builder().build();
        let whole = FunctionConfiguration::builder().function_name("a").function_arn("b").role("c").code_sha256("d");
        let of = |config| Reply::GetFunction(Box::new(GetFunctionOutput::builder().configuration(config).build()));
        assert_eq!(of(whole.build()).missing_member(), None);
        let replies = [
            of(function()),
            Reply::GetAlias(Box::new(GetAliasOutput::builder().name("live").build())),
            Reply::ListFunctions(Box::new(ListFunctionsOutput::builder().functions(function()).build())),
            Reply::ListVersionsByFunction(Box::new(
                ListVersionsByFunctionOutput::builder().versions(function()).build(),
            )),
            Reply::ListAliases(Box::new(
                ListAliasesOutput::builder().aliases(AliasConfiguration::builder().name("live").build()).build(),
            )),
            Reply::ListEventSourceMappings(Box::new(
                ListEventSourceMappingsOutput::builder()
                    .event_source_mappings(EventSourceMappingConfiguration::builder().uuid("u").build())
                    .build(),
            )),
        ];
        for reply in replies {
            assert!(reply.missing_member().is_some(), "{reply:?}");
        }
    }
}
