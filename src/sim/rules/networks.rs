//! The rules for the network of a function, and for the file systems that it reaches through it.

use serde_json::{Map, Value};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::request::RequestContext;

/// Refuses a network that has subnets but no security groups or the reverse, and one that does not exist. `before` is the function as
/// it is; what a request leaves out stays.
pub(crate) fn check(
    context: RequestContext<'_>,
    before: Option<&Map<String, Value>>,
    vpc: &Value,
) -> Result<(), ApiError> {
    let had = before.and_then(|before| before.get("VpcConfig"));
    let empty = |member: &str| {
        let list = vpc.get(member).or_else(|| had?.get(member)).and_then(Value::as_array);
        list.is_none_or(Vec::is_empty)
    };
    if empty("SubnetIds") != empty("SecurityGroupIds") {
        return Err(ApiError::invalid_parameter("SubnetIds and SecurityIds must coexist or be both empty list."));
    }
    check_there(context, vpc)
}

fn check_there(context: RequestContext<'_>, vpc: &Value) -> Result<(), ApiError> {
    let missing = |member: &str, kind: &str| {
        let ids = vpc.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let arn = |id: &str| {
            format!("arn:{}:ec2:{}:{}:{kind}/{id}", context.partition(), context.region, context.options.account)
        };
        ids.map(str::to_owned).find(|id| !context.options.external.exist(&arn(id)))
    };
    // Recorded: with both missing, it is the group that is named.
    if let Some(id) = missing("SecurityGroupIds", "security-group") {
        return Err(ApiError::invalid_parameter(format!(
            "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security \
             group '{id}' does not exist"
        )));
    }
    if let Some(id) = missing("SubnetIds", "subnet") {
        return Err(ApiError::invalid_parameter(format!(
            "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '{id}' \
             does not exist"
        )));
    }
    Ok(())
}

/// Refuses a file system without the network in which it is reached. `members` are those that the function will have, `before`
/// those that it has.
pub(crate) fn check_files(before: Option<&Map<String, Value>>, members: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(access_point) = access_point(members) else { return Ok(()) };
    if has_network(members) {
        return Ok(());
    }
    // Public reports have both texts: this one for a function that had the file system in a network and is to leave it.
    if before.is_some_and(has_network) {
        let text = format!("Function VPC configuration cannot be removed with access point {access_point} referenced.");
        return Err(ApiError::invalid_parameter(text));
    }
    Err(ApiError::invalid_parameter(format!(
        "Function must be configured to execute in a VPC to reference access point {access_point}. Please update the function \
         configuration to include VPC subnets and security groups."
    )))
}

fn access_point(members: &Map<String, Value>) -> Option<&str> {
    members.get("FileSystemConfigs")?.as_array()?.first()?.get("Arn")?.as_str()
}

fn has_network(members: &Map<String, Value>) -> bool {
    let subnets = members.get("VpcConfig").and_then(|vpc| vpc.get("SubnetIds")).and_then(Value::as_array);
    subnets.is_some_and(|subnets| !subnets.is_empty())
}
