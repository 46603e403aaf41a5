//! The writes of a function: which ones a change takes, and in which order.

use serde_json::json;

use super::super::capacity_provider;
use super::code;
use super::observe::{names, observed, reading};
use super::spec::Function;
use crate::kinds::shared::{package_source, settled};
use crate::model::{Action, AttributeName, FieldPath, Ownership, Package, RiskKind, StepReason, StepReasonKind};
use crate::resource::{
    Attribute, Attributes, Context, Derived, Observed, PlannedWrite, PreconditionKind, RequestError, ResourceRef,
    Review, STACK_TAG, WriteContext, WriteRequest,
};
use crate::wire::{Call, Operation, Reply, TypedCall};

/// The writes that do the work, in order.
pub fn planned_writes(change: &WriteContext<'_, Function>) -> Vec<PlannedWrite> {
    let create = |reason: StepReasonKind| PlannedWrite::new(Operation::CreateFunction, reason).exclusively();
    let s3 = change.desired.and_then(|desired| desired.code.s3.as_ref());
    let remembers = s3.is_some_and(|s3| s3.sha256.is_none());
    let remember = || {
        PlannedWrite::new(Operation::TagResource, StepReasonKind::RecordCodeSource)
            .covering(vec![FieldPath::from(code::PLACE_FIELD)])
    };
    match change.action {
        Action::Create if remembers => vec![create(StepReasonKind::Absent), remember()],
        Action::Create => vec![create(StepReasonKind::Absent)],
        Action::Delete => {
            let mut write = PlannedWrite::new(Operation::DeleteFunction, StepReasonKind::Undeclared);
            let runs_on = change.live.and_then(|live| live.value.capacity_provider_config.as_ref());
            write.frees.extend(runs_on.map(|config| {
                capacity_provider::unused(
                    &config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn,
                )
            }));
            vec![write]
        }
        Action::Replace => {
            let fixed = change.changes.iter().filter(|change| change.forces_replacement).map(|change| &change.path);
            let delete = PlannedWrite::new(Operation::DeleteFunction, StepReason::fixed(fixed, None));
            let mut planned_writes = vec![delete, create(StepReasonKind::Recreated)];
            planned_writes.extend(remembers.then(remember));
            planned_writes
        }
        _ => updates(change, remembers.then(remember)),
    }
}

/// Returns what protects the live function or its events, and goes with the change.
fn dropped_protections(change: &WriteContext<'_, Function>) -> impl Iterator<Item = RiskKind> {
    let settings = change.desired.zip(change.live.map(|live| &live.value));
    let drops = move |has: fn(&Function) -> bool| settings.is_some_and(|(to, from)| has(from) && !has(to));
    let protections: [(bool, &str); 3] = [
        (drops(|it| it.kms_key_arn.is_some()), "its own encryption key"),
        (drops(|it| it.dead_letter_config.is_some()), "its dead-letter queue"),
        (drops(|it| it.vpc_config.is_some()), "its VPC"),
    ];
    let dropped = protections.into_iter().filter(|(is_dropped, _)| *is_dropped);
    dropped.map(|(_, protection)| RiskKind::ProtectionDropped { protection: protection.to_owned() })
}

/// Configuration, code, tags: in this order, each waiting for the one before.
fn updates(change: &WriteContext<'_, Function>, remember: Option<PlannedWrite>) -> Vec<PlannedWrite> {
    let is_code = |path: &FieldPath| matches!(path.first(), Some("code" | "architectures"));
    let is_tag = |path: &FieldPath| path.first() == Some("tags");
    let all: Vec<FieldPath> = change.changes.iter().map(|change| change.path.clone()).collect();
    let code: Vec<FieldPath> = all.iter().filter(|path| is_code(path)).cloned().collect();
    let settings: Vec<FieldPath> = all.iter().filter(|path| !is_code(path) && !is_tag(path)).cloned().collect();
    let kept = |path: &FieldPath| {
        path.keys().get(1).is_some_and(|key| change.desired.is_some_and(|desired| desired.tags.contains_key(key)))
    };
    let (set, unset): (Vec<FieldPath>, Vec<FieldPath>) = all.into_iter().filter(|path| is_tag(path)).partition(kept);
    let mut planned_writes = Vec::new();
    let code_is_kept = code.is_empty();
    if !settings.is_empty() {
        let again = settings.contains(&FieldPath::from("settled"));
        let reason = if again { StepReasonKind::UpdateFailed.into() } else { StepReason::fields_differ(&settings) };
        let mut settings = if again { repeated(settings, change.desired) } else { settings };
        // The variables are encrypted again with a new key, so they are sent with it.
        let environment = FieldPath::from("environment");
        if settings.contains(&FieldPath::from("kms_key_arn")) && !settings.contains(&environment) {
            settings.push(environment);
        }
        planned_writes.push(
            PlannedWrite::new(Operation::UpdateFunctionConfiguration, reason)
                .covering(settings)
                .guarded(PreconditionKind::Revision),
        );
    }
    if !code.is_empty() {
        planned_writes.push(
            PlannedWrite::new(Operation::UpdateFunctionCode, StepReason::fields_differ(&code))
                .without_returned(vec![FieldPath::from(code::PLACE_FIELD)])
                .covering(code)
                .guarded(PreconditionKind::Revision),
        );
    }
    // One call writes all tags: also that of code which is adopted as it is.
    match remember.filter(|_| !code_is_kept || is_adopted(change.live)) {
        Some(remember) if set.is_empty() => planned_writes.push(remember),
        remember => {
            let place =
                remember.map(|_| FieldPath::from(if code_is_kept { code::ADOPTED_FIELD } else { code::PLACE_FIELD }));
            let covers: Vec<FieldPath> = set.into_iter().chain(place).collect();
            if !covers.is_empty() {
                let tag = PlannedWrite::new(Operation::TagResource, StepReasonKind::TagsDiffer);
                planned_writes.push(tag.covering(covers));
            }
        }
    }
    if !unset.is_empty() {
        planned_writes
            .push(PlannedWrite::new(Operation::UntagResource, StepReasonKind::TagsUndeclared).covering(unset));
    }
    planned_writes
}

/// Returns true if the live function is nobody's yet.
fn is_adopted(live: Option<&Observed<Function>>) -> bool {
    live.is_some_and(|live| live.owner == Ownership::Untagged)
}

/// The settings to send when an update is to be repeated: with those that differ, what an update fails of later on.
fn repeated(mut settings: Vec<FieldPath>, desired: Option<&Function>) -> Vec<FieldPath> {
    settings.push(FieldPath::from("role"));
    let networked = desired.is_some_and(|desired| desired.vpc_config.is_some());
    settings.extend(networked.then(|| FieldPath::from("vpc_config")));
    settings.sort();
    settings.dedup();
    settings
}

impl crate::resource::PlanWrites for Function {
    fn apply_defaults(spec: &mut Function, at: &ResourceRef, package: Option<&Package>) {
        let is_image = spec.code.image.is_some();
        if spec.package_type.is_none() && !spec.code.external {
            spec.package_type = Some(if is_image { "Image" } else { "Zip" }.to_owned());
        }
        let default_memory = if spec.capacity_provider_config.is_some() { 2048 } else { 128 };
        spec.memory_size.get_or_insert(default_memory);
        let default_format = if spec.capacity_provider_config.is_some() { "JSON" } else { "Text" };
        let logging = &mut spec.logging_config;
        logging.log_group.get_or_insert_with(|| format!("/aws/lambda/{}", at.outer()));
        if logging.log_format.get_or_insert_with(|| default_format.to_owned()) == "JSON" {
            logging.application_log_level.get_or_insert_with(|| "INFO".to_owned());
            logging.system_log_level.get_or_insert_with(|| "INFO".to_owned());
        }
        // What is empty and what is absent are the same to Lambda.
        spec.environment.take_if(|environment| environment.variables.is_empty());
        spec.vpc_config.take_if(|vpc| vpc.subnet_ids.is_empty() && vpc.security_group_ids.is_empty());
        spec.image_config.take_if(|image| *image == super::spec::ImageConfig::default());
        spec.dead_letter_config.take_if(|dead| dead.target_arn.is_empty());
        spec.kms_key_arn.take_if(|key| key.is_empty());
        if let Some(sha256) = package_source::sha256(package, spec.code.s3.as_ref()) {
            spec.code.sha256 = Some(sha256);
        }
        spec.tags.insert(STACK_TAG.to_owned(), at.scope.stack.clone());
    }

    fn review(change: &WriteContext<'_, Function>, _cx: &dyn Context) -> Review {
        let loss = "its versions, its policy, the address of its URL, and every setting that the spec does not declare";
        let is_created = matches!(change.action, Action::Create | Action::Replace);
        let has_no_code = is_created && change.desired.is_some_and(|desired| desired.code.external);
        let objection = has_no_code.then(|| {
            let address = &change.at.address;
            format!("{address} would be created, but its code is `external`: whoever deploys the code has to create it")
        });
        let risks = dropped_protections(change).collect();
        Review { data_loss: Some(loss), objections: objection.into_iter().collect(), risks, ..Review::default() }
    }

    fn derive_from_plan(spec: &mut Function, at: &ResourceRef, cx: &dyn Context) -> Derived {
        // Until the update is repeated Lambda runs what was before it, returns the failure to every later call, and
        // publishes versions that say so too.
        spec.settled = settled::wanted(cx.get_live::<Function>(&at.address).and_then(|live| live.settled));
        let image = spec.code.image.as_ref().filter(|image| !image.contains('@'));
        let image = image.map(|_| (FieldPath::from("code.image"), "an image without a digest may have changed"));
        let presumed = cx.observed(&at.address).filter(|live| live.extra.get::<code::PresumedCode>().is_some());
        let presumed =
            presumed.map(|_| (FieldPath::from("code.s3"), "Lambda does not tell if the code is from that object"));
        let unpinned = presumed.or(package_source::unpinned(spec.code.s3.as_ref())).or(image);
        Derived { unpinned: unpinned.into_iter().collect(), ..Derived::default() }
    }

    fn canonicalize(desired: &Function, live: &mut Function) {
        let digest = |image: &str| image.split_once('@').map(|(_, digest)| digest.to_owned());
        if let (Some(want), Some(have)) = (&desired.code.image, &live.code.image) {
            // `have` is the URI that was deployed and, after a blank, the digest that it meant.
            let (uri, resolved) = have.split_once(' ').unwrap_or((have.as_str(), ""));
            let same = match digest(want) {
                Some(wanted) => digest(resolved).or_else(|| digest(uri)) == Some(wanted),
                None => uri == want,
            };
            live.code.image = Some(if same { want.clone() } else { uri.to_owned() });
        }
        package_source::canonicalize(desired.code.s3.as_ref(), &mut live.code.s3);
        // What only the spec knows is the same in both, so that unchanged functions are equal as they are.
        live.function_name.clone_from(&desired.function_name);
        live.code.dir.clone_from(&desired.code.dir);
        live.code.links.clone_from(&desired.code.links);
        live.code.zip.clone_from(&desired.code.zip);
        live.code.external = desired.code.external;
        settled::canonicalize(desired.settled, &mut live.settled);
        if desired.code.external {
            live.architectures = desired.architectures.clone();
        }
    }

    fn attributes(at: &ResourceRef, after: &Function, live: Option<&Observed<Function>>, action: Action) -> Attributes {
        let mut attributes: Attributes =
            names(at).into_iter().map(|(name, value)| (name, Attribute::Known(value))).collect();
        let pinned = after.code.s3.as_ref().is_some_and(|s3| s3.sha256.is_some());
        let fetched = (after.code.s3.is_some() && !pinned) || after.code.image.is_some();
        let live = live.filter(|_| action != Action::Replace).map(|live| {
            let mut live = live.value.clone();
            let sha256 = live.code.sha256.take();
            Self::canonicalize(after, &mut live);
            (live, sha256)
        });
        // What Lambda fetches itself may be something else by now, whenever it is sent again.
        let sent = |live: &Function| {
            (&live.code.s3, &live.code.image, &live.architectures)
                != (&after.code.s3, &after.code.image, &after.architectures)
        };
        let sha256 = match live {
            Some((live, sha256)) if !fetched || !sent(&live) => after.code.sha256.clone().or(sha256),
            None if !fetched => after.code.sha256.clone(),
            _ => None,
        };
        attributes.insert(
            AttributeName::CODE_SHA256,
            sha256.map_or(Attribute::Unknown, |sha256| Attribute::Known(json!(sha256))),
        );
        attributes
    }

    fn writes(change: &WriteContext<'_, Function>) -> Vec<PlannedWrite> {
        super::write::planned_writes(change)
    }
}

impl crate::resource::ApplyWrites for Function {
    fn request(operation: Operation, write: &WriteRequest<'_, Function>) -> Result<Call, RequestError> {
        super::calls::call(operation, write)
    }

    fn read_response(at: &ResourceRef, desired: Option<&Function>, reply: &Reply) -> Option<Observed<Function>> {
        match reply {
            Reply::GetFunction(reply) => observed(at, desired, reply),
            _ => None,
        }
    }

    fn poll(at: &ResourceRef, _operation: Operation, _last: Option<&Observed<Function>>) -> Option<Call> {
        Some(reading(at.outer()).call())
    }
}
