//! The writes of layers: planned, and phrased as calls.

use aws_sdk_lambda::types as aws;
use aws_sdk_lambda::types::LayerVersionsListItem;
use serde_json::{Value, json};

use super::observe::Numbers;
use super::spec::{Layer, arn, layer_arn, name, version};
use super::versions::listed;
use crate::kinds::shared::package_source;
use crate::model::{Action, AttributeName, FieldPath, Package, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, RequestError, ResourceRef, Review, WriteContext,
    WriteRequest,
};
use crate::wire::{Call, DeleteLayerVersionInputBuilder, Operation, PublishLayerVersionInputBuilder, Reply, TypedCall};

/// The first part of the paths by which the deletion of a layer names one version for each of its writes.
pub(super) const VERSIONS: &str = "versions";

impl crate::resource::PlanWrites for Layer {
    fn apply_defaults(spec: &mut Layer, _at: &ResourceRef, package: Option<&Package>) {
        if let Some(sha256) = package_source::sha256(package, spec.code.s3.as_ref()) {
            spec.code.sha256 = Some(sha256);
        }
    }

    fn derive_from_plan(spec: &mut Layer, at: &ResourceRef, cx: &dyn Context) -> Derived {
        spec.used = super::retention::newest_used(at, cx);
        let unpinned = package_source::unpinned(spec.code.s3.as_ref());
        Derived { unpinned: unpinned.into_iter().collect(), ..Derived::default() }
    }

    fn canonicalize(desired: &Layer, live: &mut Layer) {
        live.used = desired.used;
        if live.code.s3.is_none() {
            // Lambda does not always return the source of a layer.
            live.code.s3.clone_from(&desired.code.s3);
        }
        package_source::canonicalize(desired.code.s3.as_ref(), &mut live.code.s3);
    }

    fn attributes(at: &ResourceRef, after: &Layer, live: Option<&Observed<Layer>>, action: Action) -> Attributes {
        let newest = live.and_then(version).unwrap_or(0);
        // Numbers are never used again, so the next one also follows what functions still use of deleted versions.
        let next = newest.max(after.used.unwrap_or(0)) + 1;
        let (version, certain) = if action == Action::Keep { (newest, true) } else { (next, false) };
        let known = |value: Value| if certain { Attribute::Known(value) } else { Attribute::Predicted(value) };
        Attributes::from([
            (AttributeName::ARN, known(json!(arn(at, &version.to_string())))),
            (AttributeName::VERSION, known(json!(version.to_string()))),
            (AttributeName::LAYER_ARN, Attribute::Known(json!(layer_arn(at)))),
            (AttributeName::NAME, Attribute::Known(json!(name(at)))),
        ])
    }

    fn review(change: &WriteContext<'_, Layer>, _cx: &dyn Context) -> Review {
        let newest = change.live.and_then(version);
        let used = change.desired.and_then(|desired| desired.used);
        let note = match (newest, used) {
            (Some(newest), Some(used)) if newest > used => Some(format!(
                "version {newest} is not the one that the functions of this spec use, which is version {used}; another \
                 client may have published it"
            )),
            (newest, Some(used)) if newest.is_none_or(|newest| newest < used) => {
                Some(format!("version {used}, which functions of this spec use, has been deleted"))
            }
            _ => None,
        };
        Review { notes: note.into_iter().collect(), ..Review::default() }
    }

    fn writes(change: &WriteContext<'_, Layer>) -> Vec<PlannedWrite> {
        if change.action != Action::Delete {
            let reason = match change.live.and_then(|live| live.attributes.get(&AttributeName::VERSION)) {
                Some(version) => StepReasonKind::ContentDiffers { version: crate::model::plain(version) },
                None => StepReasonKind::Unpublished,
            };
            return vec![PlannedWrite::new(Operation::PublishLayerVersion, reason)];
        }
        let all = change.live.and_then(|live| live.extra.get::<Numbers>());
        let Some(all) = all else {
            return vec![PlannedWrite::new(Operation::DeleteLayerVersion, StepReasonKind::Undeclared)];
        };
        let numbers = all.0.iter().map(|number| FieldPath::root().then(VERSIONS).then(number.to_string()));
        numbers
            .map(|path| {
                PlannedWrite::new(Operation::DeleteLayerVersion, StepReasonKind::Undeclared).covering(vec![path])
            })
            .collect()
    }
}

impl crate::resource::ApplyWrites for Layer {
    fn request(operation: Operation, write: &WriteRequest<'_, Layer>) -> Result<Call, RequestError> {
        let name = name(write.at);
        if operation == Operation::DeleteLayerVersion {
            let covered =
                write.covers.first().and_then(|path| path.keys().last()).map_or(write.at.own(), String::as_str);
            let malformed = |_| RequestError::Malformed { text: covered.to_owned(), expected: "a version number" };
            let number = covered.parse().map_err(malformed)?;
            return Ok(DeleteLayerVersionInputBuilder::default().layer_name(name).version_number(number).call());
        }
        let spec = write.declared(operation)?;
        let content = match &spec.code.s3 {
            Some(s3) => aws::LayerVersionContentInput::builder()
                .s3_bucket(&s3.bucket)
                .s3_key(&s3.key)
                .set_s3_object_version(s3.object_version.clone())
                .set_s3_object_storage_mode(s3.object_storage_mode.as_deref().map(aws::S3ObjectStorageMode::from)),
            None => aws::LayerVersionContentInput::builder().zip_file(package_source::bytes(write.package.as_ref())?),
        };
        let runtimes: Vec<_> = spec.compatible_runtimes.iter().map(|it| aws::Runtime::from(it.as_str())).collect();
        let architectures = spec.compatible_architectures.iter().map(|it| aws::Architecture::from(it.as_str()));
        let architectures: Vec<_> = architectures.collect();
        Ok(PublishLayerVersionInputBuilder::default()
            .layer_name(name)
            .description(&spec.description)
            .set_license_info(Some(spec.license_info.clone()).filter(|text| !text.is_empty()))
            .set_compatible_runtimes(Some(runtimes).filter(|list| !list.is_empty()))
            .set_compatible_architectures(Some(architectures).filter(|list| !list.is_empty()))
            .content(content.build())
            .call())
    }

    fn read_response(at: &ResourceRef, _desired: Option<&Layer>, reply: &Reply) -> Option<Observed<Layer>> {
        macro_rules! published {
            ($reply:expr) => {{
                let item = LayerVersionsListItem::builder()
                    .version($reply.version())
                    .set_description($reply.description.clone())
                    .set_license_info($reply.license_info.clone())
                    .set_compatible_runtimes($reply.compatible_runtimes.clone())
                    .set_compatible_architectures($reply.compatible_architectures.clone());
                let mut live = listed(at, &item.build());
                let content = $reply.content()?;
                live.value.code.sha256 = content.code_sha256().map(str::to_owned);
                live.value.code.s3 = content.resolved_s3_object().and_then(package_source::resolved);
                live.package = package_source::observed(content.code_sha256(), content.location());
                live
            }};
        }
        Some(match reply {
            Reply::PublishLayerVersion(reply) => published!(reply),
            Reply::GetLayerVersion(reply) => published!(reply),
            // Other versions are still to be deleted, so what is known of the layer stays.
            Reply::DeleteLayerVersion(_) => Observed::new("", Layer::default()),
            _ => return None,
        })
    }
}
