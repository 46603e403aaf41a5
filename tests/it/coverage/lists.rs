//! Operations and members of AWS's model without a call or a field, with the reasons.

/// The operations on single executions of durable functions.
pub const EXECUTIONS: &[&str] = &[
    "CheckpointDurableExecution",
    "DeleteDurableExecution",
    "GetDurableExecution",
    "GetDurableExecutionHistory",
    "GetDurableExecutionState",
    "ListDurableExecutionsByFunction",
    "PauseDurableExecution",
    "ResumeDurableExecution",
    "SendDurableExecutionCallbackFailure",
    "SendDurableExecutionCallbackHeartbeat",
    "SendDurableExecutionCallbackSuccess",
    "StopDurableExecution",
];

/// Operations that are not declarative.
pub const NOT_DECLARATIVE: &[(&str, &[&str])] = &[
    ("they invoke functions", &["Invoke", "InvokeAsync", "InvokeWithResponseStream"]),
    ("they are about single executions of durable functions", EXECUTIONS),
];

/// Operations that no kind needs, with the reasons.
pub const NOT_NEEDED: &[(&str, &str)] = &[
    ("GetAccountSettings", "the limits of the account are not declared"),
    ("GetFunctionConfiguration", "GetFunction returns the same and has a quota of its own"),
    ("GetLayerVersionByArn", "a layer is known by its name, and GetLayerVersion returns the same"),
    ("ListFunctionVersionsByCapacityProvider", "Lambda refuses to delete what is used, and says so"),
    ("ListFunctionsByCodeSigningConfig", "Lambda refuses to delete what is used, and says so"),
    ("ListLayers", "layers take no tags, so the owner of one that no spec names is unknown"),
    ("UpdateFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig sends the whole of it"),
];

/// Members of requests that have another place in a spec: the operation and the member, and the field.
pub const MOVED: &[(&str, &str)] = &[
    ("*.Code.ImageUri", "code.image"),
    ("*.Code.S3Bucket", "code.s3.bucket"),
    ("*.Code.S3Key", "code.s3.key"),
    ("*.Code.S3ObjectStorageMode", "code.s3.object_storage_mode"),
    ("*.Code.S3ObjectVersion", "code.s3.object_version"),
    ("*.ImageUri", "code.image"),
    ("*.S3Bucket", "code.s3.bucket"),
    ("*.S3Key", "code.s3.key"),
    ("*.S3ObjectStorageMode", "code.s3.object_storage_mode"),
    ("*.S3ObjectVersion", "code.s3.object_version"),
    ("*.SourceKMSKeyArn", "code.source_kms_key_arn"),
    ("*.Content", "code"),
    ("*.Content.S3Bucket", "code.s3.bucket"),
    ("*.Content.S3Key", "code.s3.key"),
    ("*.Content.S3ObjectStorageMode", "code.s3.object_storage_mode"),
    ("*.Content.S3ObjectVersion", "code.s3.object_version"),
    ("*.FunctionScalingConfig", ""),
    // Statements stand in a map by their ids.
    ("AddLayerVersionPermission", "{}"),
    ("AddPermission", "{}"),
];

/// Members of requests that are not fields, with the reasons.
pub const NOT_FIELDS: &[(&str, &str)] = &[
    ("*.FunctionName", "it is the key of the function or its `function_name`, as a bare name"),
    ("*.Name", "it is the key of the alias"),
    ("*.Qualifier", "it is the key of the alias or of the version around it"),
    ("*.UUID", "a mapping is known by what it reads and for whom"),
    ("*.Resource", "tags stand on what they belong to"),
    ("*.StatementId", "it is the key of the statement"),
    ("*.ResourceArn", "a policy stands on what it belongs to"),
    ("PutResourcePolicy.Policy", "it is made from the statements"),
    ("AddLayerVersionPermission.LayerName", "it is the layer around the statements"),
    ("AddLayerVersionPermission.VersionNumber", "it is the version that the spec publishes"),
    ("UpdateCodeSigningConfig.CodeSigningConfigArn", "a configuration is known by its tags"),
    ("*.RevisionId", "it is the precondition of the step"),
    ("PublishVersion.CodeSha256", "it is a precondition of the step"),
    ("*.Code.ZipFile", "it is made from `code.dir` or `code.zip`"),
    ("*.Content.ZipFile", "it is made from `code.dir` or `code.zip`"),
    ("*.ZipFile", "it is made from `code.dir` or `code.zip`"),
    ("UpdateFunctionCode.DryRun", "a plan is the dry run"),
    ("CreateFunction.Publish", "versions are published by PublishVersion, which takes preconditions"),
    ("CreateFunction.PublishTo", "versions are published by PublishVersion, which takes preconditions"),
    ("UpdateFunctionCode.Publish", "versions are published by PublishVersion, which takes preconditions"),
    ("UpdateFunctionCode.PublishTo", "versions are published by PublishVersion, which takes preconditions"),
    ("CreateFunction.CodeSigningConfigArn", "its bounds stand on function_code_signing, which the same key declares"),
    ("*.AcceleratorConfig", "the SDK does not know it yet"),
    ("*.RuntimeConfig", "the SDK does not know it yet"),
];

/// Limits of the model that the schema expresses otherwise, with the reasons.
pub const OTHERWISE: &[(&str, &str)] = &[
    ("PutFunctionConcurrency.ReservedConcurrentExecutions", "-1 reserves none, by DeleteFunctionConcurrency"),
    (
        "PutProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions",
        "0 is none, by DeleteProvisionedConcurrencyConfig",
    ),
    ("*.FunctionVersion", "a spec has the word `published` as well"),
    ("*.Topics", "an empty list is the same as none"),
    ("*.Queues", "an empty list is the same as none"),
    ("*.SelfManagedEventSource.Endpoints", "the one word that there is is required"),
    ("*.SourceAccessConfigurations", "AWS's reference has 22, one less than the model"),
    ("*.DocumentDBEventSourceConfig.CollectionName", "the same pattern with one anchor instead of two"),
    ("*.CapacityProviderName", "a spec has a bare name, and no ARN"),
    ("*.LayerName", "a spec has a bare name, and no ARN"),
    ("*.CapacityProviderScalingConfig.ScalingPolicies", "an empty list is the same as none"),
    ("AddLayerVersionPermission.Action", "the one word that there is"),
    ("AddPermission.SourceArn", "a policy as a whole takes `*` for the region and the account too"),
];
