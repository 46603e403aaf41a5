//! The writes of function URLs: planned, and phrased as calls.

use aws_sdk_lambda::types::{Cors as LambdaCors, FunctionUrlAuthType, InvokeMode};
use serde_json::json;

use super::cors::Cors;
use super::observe::observed_parts;
use super::spec::Url;
use crate::kinds::permissions;
use crate::model::{Action, AttributeName, RiskKind, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, CreateFunctionUrlConfigInputBuilder, DeleteFunctionUrlConfigInputBuilder, GetFunctionUrlConfigInputBuilder,
    Operation, Reply, TypedCall, UpdateFunctionUrlConfigInputBuilder,
};

/// The `auth_type` that lets everybody in.
const PUBLIC: &str = "NONE";

impl crate::resource::PlanWrites for Url {
    fn apply_defaults(spec: &mut Url, _at: &ResourceRef, _package: Option<&crate::model::Package>) {
        // CORS that allows nothing and no CORS are the same.
        spec.cors.take_if(|cors| *cors == Cors::default());
    }

    fn canonicalize(desired: &Url, live: &mut Url) {
        if let (Some(desired), Some(live)) = (&desired.cors, &mut live.cors) {
            live.canonicalize(desired);
        }
    }

    fn review(change: &WriteContext<'_, Url>, _cx: &dyn Context) -> Review {
        let is_opened = change.desired.is_some_and(|url| url.auth_type == PUBLIC)
            && (change.live.is_none_or(|live| live.value.auth_type != PUBLIC) || change.action == Action::Replace);
        Review { risks: is_opened.then_some(RiskKind::PublicUrl).into_iter().collect(), ..Review::default() }
    }

    fn attributes(at: &ResourceRef, _after: &Url, live: Option<&Observed<Url>>, _action: Action) -> Attributes {
        let url = live.and_then(|live| live.attributes.get(&AttributeName::URL).cloned());
        Attributes::from([
            (AttributeName::URL, url.map_or(Attribute::Unknown, Attribute::Known)),
            (AttributeName::ARN, Attribute::Known(json!(permissions::arn(at)))),
        ])
    }

    fn writes(change: &WriteContext<'_, Url>) -> Vec<PlannedWrite> {
        vec![match change.action {
            Action::Create | Action::Replace => {
                PlannedWrite::new(Operation::CreateFunctionUrlConfig, StepReasonKind::Absent).exclusively()
            }
            Action::Delete => PlannedWrite::new(Operation::DeleteFunctionUrlConfig, StepReasonKind::UndeclaredUrl),
            _ => PlannedWrite::new(
                Operation::UpdateFunctionUrlConfig,
                StepReason::fields_differ(change.changes.iter().map(|change| &change.path)),
            ),
        }]
    }
}

impl crate::resource::ApplyWrites for Url {
    fn request(operation: Operation, write: &WriteRequest<'_, Url>) -> Result<Call, RequestError> {
        let (function, alias) = (write.at.outer(), write.at.names.get(1).cloned());
        if operation == Operation::DeleteFunctionUrlConfig {
            let delete = DeleteFunctionUrlConfigInputBuilder::default();
            return Ok(delete.function_name(function).set_qualifier(alias).call());
        }
        let spec = write.declared(operation)?;
        let auth = FunctionUrlAuthType::from(spec.auth_type.as_str());
        let mode = InvokeMode::from(spec.invoke_mode.as_str());
        Ok(match operation {
            Operation::CreateFunctionUrlConfig => CreateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .set_cors(spec.cors.as_ref().map(Cors::sent))
                .invoke_mode(mode)
                .call(),
            _ => UpdateFunctionUrlConfigInputBuilder::default()
                .function_name(function)
                .set_qualifier(alias)
                .auth_type(auth)
                .cors(spec.cors.as_ref().map_or_else(|| LambdaCors::builder().build(), Cors::sent))
                .invoke_mode(mode)
                .call(),
        })
    }

    fn read_response(_at: &ResourceRef, _desired: Option<&Url>, reply: &Reply) -> Option<Observed<Url>> {
        match reply {
            Reply::CreateFunctionUrlConfig(reply) => Some(observed_parts(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            Reply::UpdateFunctionUrlConfig(reply) => Some(observed_parts(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            Reply::GetFunctionUrlConfig(reply) => Some(observed_parts(
                &reply.auth_type,
                reply.cors(),
                reply.invoke_mode(),
                &reply.function_url,
                &reply.function_arn,
            )),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, operation: Operation, _last: Option<&Observed<Url>>) -> Option<Call> {
        let alias = at.names.get(1).cloned();
        // A deletion is done when it is answered.
        (operation != Operation::DeleteFunctionUrlConfig)
            .then(|| GetFunctionUrlConfigInputBuilder::default().function_name(at.outer()).set_qualifier(alias).call())
    }
}
