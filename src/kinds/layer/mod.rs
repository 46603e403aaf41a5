//! Layer: a package that functions share, in numbered versions that never change.
//!
//! AWS's quirks: the layer itself is neither created nor deleted, it is there while it has a version; every publication
//! makes a new version, even of the same bytes, so it is compared with the newest one first; listings do not tell the
//! hash, only GetLayerVersion does; layers take no tags, so nothing tells whose an undeclared one is; functions keep a
//! version that is deleted under them.
//! [AWS: PublishLayerVersion](https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html).

pub mod catalog;
mod retention;
mod rules;
mod versions;

use anyhow::Context as _;
use aws_sdk_lambda::types::{self as aws, LayerVersionsListItem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kinds::shared::package_source::{self, S3};
use crate::kinds::shared::retention::NewerVersions;
use crate::kinds::shared::runtimes;
use crate::model::{Action, FieldPath, Findings, KindId, Package, PackageSource, StepReasonKind};
use crate::resource::ApplyWrites as _;
use crate::resource::Extra;
use crate::resource::{
    Attribute, Attributes, Context, Derived, Discovered, Observed, PlannedWrite, ResourceRef, Review, WriteContext,
    WriteRequest,
};
use crate::wire::{
    Call, DeleteLayerVersionInputBuilder, Missing, Operation, PublishLayerVersionInputBuilder, ReadCache, Reply,
    TypedCall,
};
use versions::{listed, numbered, reading};

pub use versions::newest;

/// The first part of the paths by which the deletion of a layer names one version for each of its writes.
const VERSIONS: &str = "versions";

/// The numbers of all versions of a layer, the oldest first.
struct Numbers(Vec<i64>);

/// A package of libraries or data that functions share. Every change publishes a new version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The layer's name in the account, if it is not the spec's key; at most 140 letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_]{1,140}$"), extend("x-source" = true))]
    pub layer_name: Option<String>,
    /// What is in the layer; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// The licence: an SPDX identifier, the URL of its text, or the text; at most 512 characters.
    #[serde(default)]
    #[schemars(length(max = 512))]
    pub license_info: String,
    /// The runtimes that the layer is for, at most 15. Lambda does not hold functions to it.
    #[serde(default)]
    #[schemars(
        length(max = 15),
        extend("x-set" = true, "items" = {
            "type": "string",
            "enum": runtimes::all(),
            "x-open-enum": "AWS adds runtimes and retires them; this one is not known to trueup",
        })
    )]
    pub compatible_runtimes: Vec<String>,
    /// The instruction sets that the layer is for: `x86_64`, `arm64` or both.
    #[serde(default)]
    #[schemars(length(max = 2), extend("x-set" = true), inner(regex(pattern = r"^(x86_64|arm64)$")))]
    pub compatible_architectures: Vec<String>,
    /// Where the package comes from.
    pub code: LayerCode,
    /// How many of the newest versions to keep. Versions that functions of this spec use are kept beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-source" = true))]
    pub retain_versions: Option<u32>,
    /// The newest version that functions of the spec use, which may have been deleted under them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true, "x-source" = true))]
    pub used: Option<u64>,
}

/// Where the package of a layer comes from: exactly one of `dir`, `zip` and `s3`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerCode {
    /// A directory, zipped the same way every time. What its `.lambdaignore` names is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub dir: Option<String>,
    /// A zip file, taken as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub zip: Option<String>,
    /// A zip file in S3. Give its `sha256`, for Lambda does not always tell where a layer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub s3: Option<S3>,
    /// What Lambda calls CodeSha256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub sha256: Option<String>,
}

impl crate::resource::Declare for Layer {
    const KIND: KindId = KindId::Layer;
    const PLACES: &'static [&'static str] = &["layers.*"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    layers: ["${layers.common.arn}"]
    publish: true
layers:
  common:
    description: what all of us need
    license_info: MIT
    compatible_runtimes: [python3.13, python3.12]
    compatible_architectures: [x86_64, arm64]
    code: {zip: package.zip}
    retain_versions: 2
"#
    );

    fn name(spec: &Layer, key: &str) -> String {
        spec.layer_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &Layer, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, around, findings);
    }

    fn package_source(spec: &Layer) -> Option<PackageSource> {
        package_source::source(spec.code.dir.as_ref(), spec.code.zip.as_ref())
    }
}

impl crate::resource::Observe for Layer {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Layer>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Layer>>, Missing> {
        let all = numbered(name(at), cache)?;
        if let [_, own] = at.names.as_slice() {
            let Some(place) = all.iter().position(|item| item.version().to_string() == *own) else { return Ok(None) };
            let mut live = listed(at, all[place]);
            live.extra = Extra::of(NewerVersions(place));
            return Ok(Some(live));
        }
        let Some(newest) = all.first() else { return Ok(None) };
        let reply = cache.reply(reading(name(at), newest.version()))?;
        let mut live =
            reply.and_then(|reply| Self::read_response(at, None, &Reply::GetLayerVersion(Box::new(reply.clone()))));
        if let Some(live) = &mut live {
            let numbers: Vec<i64> = all.iter().rev().map(|item| item.version()).collect();
            live.extra = Extra::of(Numbers(numbers));
        }
        Ok(live)
    }

    fn discover(parent: &ResourceRef, around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        retention::found(parent, around, cache)
    }

    fn still_surplus(at: &ResourceRef, live: &Observed<Layer>, around: &dyn Context) -> bool {
        retention::is_surplus(at, live, around)
    }
}

impl crate::resource::PlanWrites for Layer {
    fn apply_defaults(spec: &mut Layer, _at: &ResourceRef, package: Option<&Package>) {
        if let Some(sha256) = package_source::sha256(package, spec.code.s3.as_ref()) {
            spec.code.sha256 = Some(sha256);
        }
    }

    fn derive_from_plan(spec: &mut Layer, at: &ResourceRef, around: &dyn Context) -> Derived {
        spec.used = retention::newest_used(at, around);
        Derived::default()
    }

    fn canonicalize(desired: &Layer, live: &mut Layer) {
        live.used = desired.used;
        if live.code.s3.is_none() {
            // Lambda does not always tell where a layer came from.
            live.code.s3.clone_from(&desired.code.s3);
        }
        package_source::agree(desired.code.s3.as_ref(), &mut live.code.s3);
    }

    fn attributes(at: &ResourceRef, after: &Layer, live: Option<&Observed<Layer>>, action: Action) -> Attributes {
        let newest = live.and_then(version).unwrap_or(0);
        // Numbers are never used again, so the next one also follows what functions still use of deleted versions.
        let next = newest.max(after.used.unwrap_or(0)) + 1;
        let (version, certain) = if action == Action::Keep { (newest, true) } else { (next, false) };
        let told = |value: Value| if certain { Attribute::Known(value) } else { Attribute::Predicted(value) };
        Attributes::from([
            ("arn", told(json!(arn(at, &version.to_string())))),
            ("version", told(json!(version.to_string()))),
            ("layer_arn", Attribute::Known(json!(layer_arn(at)))),
            ("name", Attribute::Known(json!(name(at)))),
        ])
    }

    fn review(change: &WriteContext<'_, Layer>, _around: &dyn Context) -> Review {
        let newest = change.live.and_then(version);
        let used = change.desired.and_then(|desired| desired.used);
        let note = match (newest, used) {
            (Some(newest), Some(used)) if newest > used => Some(format!(
                "version {newest} is not the one that the functions of this spec use, which is version {used}; somebody \
                 else may have published it"
            )),
            (newest, Some(used)) if newest.is_none_or(|newest| newest < used) => {
                Some(format!("version {used}, which functions of this spec use, has been deleted"))
            }
            _ => None,
        };
        Review { notes: note.into_iter().collect(), ..Review::default() }
    }

    fn writes(work: &WriteContext<'_, Layer>) -> Vec<PlannedWrite> {
        if work.action != Action::Delete {
            let reason = match work.live.and_then(|live| live.attributes.get("version")) {
                Some(version) => StepReasonKind::ContentDiffers { version: crate::model::plain(version) },
                None => StepReasonKind::Unpublished,
            };
            return vec![PlannedWrite::new(Operation::PublishLayerVersion, reason)];
        }
        let all = work.live.and_then(|live| live.extra.get::<Numbers>());
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
    fn request(operation: Operation, doing: &WriteRequest<'_, Layer>) -> anyhow::Result<Call> {
        let name = name(doing.at);
        if operation == Operation::DeleteLayerVersion {
            let covered =
                doing.covers.first().and_then(|path| path.keys().last()).map_or(doing.at.own(), String::as_str);
            let number = covered.parse().with_context(|| format!("`{covered}` is not the number of a version"))?;
            return Ok(DeleteLayerVersionInputBuilder::default().layer_name(name).version_number(number).call());
        }
        let spec = doing.desired.as_ref().with_context(|| format!("{operation} needs a declaration"))?;
        let content = match &spec.code.s3 {
            Some(s3) => aws::LayerVersionContentInput::builder()
                .s3_bucket(&s3.bucket)
                .s3_key(&s3.key)
                .set_s3_object_version(s3.object_version.clone())
                .set_s3_object_storage_mode(s3.object_storage_mode.as_deref().map(aws::S3ObjectStorageMode::from)),
            None => aws::LayerVersionContentInput::builder().zip_file(package_source::bytes(doing.package.as_ref())?),
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
        macro_rules! told {
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
                live
            }};
        }
        Some(match reply {
            Reply::PublishLayerVersion(reply) => told!(reply),
            Reply::GetLayerVersion(reply) => told!(reply),
            // Other versions are still to go, so what is known of the layer stands.
            Reply::DeleteLayerVersion(_) => Observed::new("", Layer::default()),
            _ => return None,
        })
    }
}

/// The layer's name, be it for the layer or for one of its old versions.
pub fn name(at: &ResourceRef) -> &str {
    at.outer()
}

/// The number of the version that was observed.
fn version(live: &Observed<Layer>) -> Option<u64> {
    live.attributes.get("version")?.as_str()?.parse().ok()
}

fn layer_arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("layer:{}", name(at)))
}

/// The ARN of a version.
pub fn arn(at: &ResourceRef, version: &str) -> String {
    format!("{}:{version}", layer_arn(at))
}
