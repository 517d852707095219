//! How long a municipality's offices take to answer, as a chart.

use super::Outcomes;
use super::read::WINDOW;
use crate::domain::calendar::iso_day;
use crate::domain::chart::ChartSpec;
use crate::domain::desk::Desk;
use crate::domain::facts::Facts;
use crate::domain::municipality::MunicipalityId;
use crate::domain::time::UnixMillis;

/// The answer times of the year before `now`, of those offices that answered enough people to be told.
pub fn times(
    facts: &Facts,
    id: MunicipalityId,
    outcomes: &Outcomes,
    desk: &Desk,
    locale: &str,
    now: UnixMillis,
) -> ChartSpec {
    let municipality = facts.municipality(id);
    let day = |at| iso_day(&municipality.time_zone, at).unwrap_or_default();
    ChartSpec::Times {
        place: municipality.key.clone(),
        between: (day(now.plus(-WINDOW)), day(now)),
        offices: outcomes.times(desk, &municipality.key, &municipality.time_zone, locale),
    }
}
