//! What reports say of a session: its plan, and where its resources are declared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::model::{Address, SourcePlace};
use crate::plan::ExecutablePlan;
use crate::session::Session;
use crate::show::reports::ReportedPlan;

/// Returns where a session's resources are declared.
pub fn places<'a>(
    session: &Session,
    addresses: impl IntoIterator<Item = &'a Address>,
) -> BTreeMap<Address, SourcePlace> {
    let place = |address: &Address| {
        let span = &session.stack().resources.get(address)?.span;
        let place = session.warnings.sources.get(span.source)?.place(span.range.start);
        Some((address.clone(), of_repository(place)?))
    };
    addresses.into_iter().filter_map(place).collect()
}

/// Returns where a session's spec begins.
pub fn spec_place(session: &Session) -> Option<SourcePlace> {
    of_repository(session.warnings.sources.first()?.place(0))
}

/// Returns a place with a path from the working folder, as scanners and forges know it; none for the standard input.
pub fn of_repository(mut place: SourcePlace) -> Option<SourcePlace> {
    let here = std::env::current_dir().ok();
    if let Some(relative) = here.and_then(|here| Path::new(&place.file).strip_prefix(here).ok().map(Path::to_owned)) {
        place.file = relative.to_string_lossy().into_owned();
    }
    (place.file != "-").then_some(place)
}

/// Returns a plan with what reports say besides.
pub fn reported(target: Option<&str>, session: &Session, executable: &ExecutablePlan) -> ReportedPlan {
    let plan = executable.plan.masked();
    let changed: BTreeSet<&Address> = plan.resources.iter().filter(|it| it.is_shown()).map(|it| &it.address).collect();
    let declared = || changed.iter().filter_map(|address| session.stack().resources.get(*address));
    let dependencies = declared().flat_map(|it| {
        let of_change = it.depends_on.iter().filter(|address| changed.contains(address));
        of_change.map(|address| (it.at.address.clone(), address.clone()))
    });
    let (dependencies, places) = (dependencies.collect(), places(session, changed));
    ReportedPlan { target: target.map(str::to_owned), plan, places, spec: spec_place(session), dependencies }
}
