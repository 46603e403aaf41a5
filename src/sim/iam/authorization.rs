//! What a request needs to be allowed: its action, and those that it takes besides, each on a resource.
//!
//! [AWS: Actions, resources, and condition keys for AWS Lambda](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html).

use serde_json::{Map, Value};

use super::condition::Context;
use super::policy::{Decision, IamPolicy, Need};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, partition_of};
use crate::sim::store::documents::Region;

/// A request, and the account that it is for.
#[derive(Clone, Copy)]
pub(crate) struct AccessRequest<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) input: &'a Map<String, Value>,
}

/// Operations whose action is on no resource.
const ON_NOTHING: [&str; 9] = [
    "CreateCodeSigningConfig",
    "CreateEventSourceMapping",
    "GetAccountSettings",
    "ListCapacityProviders",
    "ListCodeSigningConfigs",
    "ListEventSourceMappings",
    "ListFunctions",
    "ListLayerVersions",
    "ListLayers",
];

/// Checks that a policy allows a request.
pub(crate) fn authorize(policy: &IamPolicy, asked: AccessRequest<'_>, region: &Region) -> Result<(), ApiError> {
    for need in asked.needs(region) {
        let decision = policy.decide(&need);
        let Need { action, resource, .. } = &need;
        let why = match decision {
            Decision::Allowed => continue,
            Decision::ImplicitDeny => format!("because no identity-based policy allows the {action} action"),
            Decision::ExplicitDeny => "with an explicit deny in an identity-based policy".to_owned(),
        };
        let caller = format!("arn:{}:sts::{}:assumed-role/simulated/session", asked.partition(), asked.account);
        let on = if resource == "*" { String::new() } else { format!(" on resource: {resource}") };
        let text = format!("User: {caller} is not authorized to perform: {action}{on} {why}");
        return Err(ApiError::injected("AccessDeniedException", text));
    }
    Ok(())
}

impl AccessRequest<'_> {
    fn partition(&self) -> &'static str {
        partition_of(self.region)
    }

    fn arn(&self, rest: &str) -> String {
        format!("arn:{}:lambda:{}:{}:{rest}", self.partition(), self.region, self.account)
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.at(&[member])
    }

    fn at(&self, path: &[&str]) -> Option<&str> {
        let (first, rest) = path.split_first()?;
        let value = rest.iter().try_fold(self.input.get(*first)?, |value, key| value.get(*key))?;
        value.as_str().filter(|text| !text.is_empty())
    }

    /// Returns the name of the function with a qualifier, where the request has one.
    fn function(&self) -> Option<String> {
        let name = FunctionName::parse(self.text("FunctionName")?)?;
        let qualifier = self.text("Qualifier").map(str::to_owned).or(name.qualifier);
        Some(match qualifier {
            Some(qualifier) => format!("function:{}:{qualifier}", name.name),
            None => format!("function:{}", name.name),
        })
    }

    /// Returns the ARN of the resource that the action is on.
    fn resource(&self) -> String {
        if ON_NOTHING.contains(&self.operation) {
            return "*".to_owned();
        }
        let named = |kind: &str, member: &str| {
            let text = self.text(member)?;
            Some(if text.starts_with("arn:") { text.to_owned() } else { self.arn(&format!("{kind}:{text}")) })
        };
        let layer = || {
            let name = named("layer", "LayerName")?;
            let version =
                self.input.get("VersionNumber").map(|number| format!(":{}", number.as_i64().unwrap_or_default()));
            Some(name + &version.unwrap_or_default())
        };
        self.text("Resource")
            .or_else(|| self.text("ResourceArn"))
            .or_else(|| self.text("Arn"))
            .map(str::to_owned)
            .or_else(|| named("event-source-mapping", "UUID"))
            .or_else(|| self.function().map(|function| self.arn(&function)))
            .or_else(layer)
            .or_else(|| named("code-signing-config", "CodeSigningConfigArn"))
            .or_else(|| named("capacity-provider", "CapacityProviderName"))
            .unwrap_or_else(|| "*".to_owned())
    }

    /// Returns the name of the action.
    fn action(&self) -> String {
        let name = match self.operation {
            "Invoke" => "InvokeFunction",
            "GetLayerVersionByArn" => "GetLayerVersion",
            other => other,
        };
        format!("lambda:{name}")
    }

    /// Returns every action that the request takes.
    fn needs(&self, region: &Region) -> Vec<Need> {
        let resource = self.resource();
        let mut context = self.tags_of(&resource, region);
        if let Some(function) = self.function_of_mapping(region) {
            context.insert("lambda:FunctionArn".to_owned(), vec![function]);
        }
        let given = self.input.get("Tags").and_then(Value::as_object).filter(|tags| !tags.is_empty());
        for (key, value) in given.into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_owned();
            context.insert(format!("aws:RequestTag/{key}"), vec![value]);
        }
        let keys = given.map(|tags| tags.keys().cloned().collect()).or_else(|| {
            let keys = self.input.get("TagKeys")?.as_array()?;
            Some(keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        });
        context.extend(keys.map(|keys| ("aws:TagKeys".to_owned(), keys)));
        let mut needs = vec![Need { action: self.action(), resource: resource.clone(), context: context.clone() }];
        if self.operation == "PutFunctionCodeSigningConfig"
            && let Some(config) = self.text("CodeSigningConfigArn")
        {
            needs.push(Need { resource: config.to_owned(), ..needs[0].clone() });
        }
        // Whoever creates a resource with tags tags it.
        if self.operation.starts_with("Create") && given.is_some() {
            let resource = match self.operation {
                "CreateEventSourceMapping" => self.arn("event-source-mapping:*"),
                "CreateCodeSigningConfig" => self.arn("code-signing-config:*"),
                _ => resource,
            };
            needs.push(Need { action: "lambda:TagResource".to_owned(), resource, context });
        }
        needs.extend(self.passed());
        needs
    }

    /// Returns the actions on other resources that the request hands over to Lambda.
    fn passed(&self) -> Vec<Need> {
        let need =
            |action: &str, resource: String| Need { action: action.to_owned(), resource, context: Context::new() };
        let pass_role = |role: &str| Need {
            context: [("iam:PassedToService".to_owned(), vec!["lambda.amazonaws.com".to_owned()])].into(),
            ..need("iam:PassRole", role.to_owned())
        };
        let mut needs = Vec::new();
        let is_function = matches!(self.operation, "CreateFunction" | "UpdateFunctionConfiguration");
        if is_function {
            needs.extend(self.text("Role").map(pass_role));
            let layers = self.input.get("Layers").and_then(Value::as_array).into_iter().flatten();
            needs
                .extend(layers.filter_map(Value::as_str).map(|layer| need("lambda:GetLayerVersion", layer.to_owned())));
        }
        if self.operation == "CreateFunction" {
            let provider =
                ["CapacityProviderConfig", "LambdaManagedInstancesCapacityProviderConfig", "CapacityProviderArn"];
            needs.extend(self.at(&provider).map(|arn| need("lambda:PassCapacityProvider", arn.to_owned())));
        }
        if self.operation == "CreateCapacityProvider" {
            needs.extend(self.at(&["PermissionsConfig", "CapacityProviderOperatorRoleArn"]).map(pass_role));
        }
        let code: &[&str] = match self.operation {
            "UpdateFunctionCode" => &[],
            "CreateFunction" => &["Code"],
            "PublishLayerVersion" => &["Content"],
            _ => return needs,
        };
        let member = |name| self.at(&[code, &[name]].concat());
        if let (Some(bucket), Some(key)) = (member("S3Bucket"), member("S3Key")) {
            let action = if member("S3ObjectVersion").is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
            needs.push(need(action, format!("arn:{}:s3:::{bucket}/{key}", self.partition())));
        }
        needs
    }

    /// Returns the ARN of the function that the mapping of the request belongs to.
    fn function_of_mapping(&self, region: &Region) -> Option<String> {
        match self.operation {
            "CreateEventSourceMapping" => self.function().map(|function| self.arn(&function)),
            "GetEventSourceMapping" | "UpdateEventSourceMapping" | "DeleteEventSourceMapping" => {
                let mapping = region.mappings.get(self.text("UUID")?)?;
                mapping.members.get("FunctionArn").and_then(Value::as_str).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Returns the tags of an existing resource as condition keys.
    fn tags_of(&self, arn: &str, region: &Region) -> Context {
        let mut parts = arn.splitn(8, ':').skip(5);
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let tags = match kind {
            "function" => region.functions.get(name).map(|function| &function.tags),
            "event-source-mapping" => region.mappings.get(name).map(|mapping| &mapping.tags),
            "code-signing-config" => region.signing_configs.get(name).map(|config| &config.tags),
            "capacity-provider" => region.capacity_providers.get(name).map(|provider| &provider.tags),
            _ => None,
        };
        let tags = tags.into_iter().flatten();
        tags.map(|(key, value)| (format!("aws:ResourceTag/{key}"), vec![value.clone()])).collect()
    }
}
