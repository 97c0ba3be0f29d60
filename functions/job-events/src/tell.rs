//! What a client is to be told now, from how far it is and what was read. No I/O and no clock.
//!
//! Two things are told, and each event's id says how far both are: the entries of the job's log, each once and in order, and
//! snapshots, of which only a newer one is worth sending. Whoever comes back with the last id that it has is told the rest.

use toonmill_domain::JobEvent;

use crate::place::Place;

/// A job as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The number of the last entry of its log.
    pub(crate) entries: u64,
    pub(crate) revision: u64,
    pub(crate) ended: bool,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    Entry(&'a JobEvent),
    Snapshot,
}

/// What is to be told, and how far the client is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telling<'a> {
    /// Each with the place that it brings the client to: its id.
    pub(crate) events: Vec<(Place, What<'a>)>,
    pub(crate) place: Place,
    /// Nothing more will come: the job has ended.
    pub(crate) is_last: bool,
}

impl State {
    /// Where a client stands that says it has come so far, or has only just come. What is beyond the job was said of another.
    fn known(self, has: Option<Place>) -> Option<Place> {
        has.filter(|place| place.entry <= self.entries && place.revision <= self.revision)
    }

    /// The entry after which the log is told. Who has just come is spared all but the end: the snapshot has come of it.
    fn told_after(self, has: Option<Place>) -> u64 {
        self.known(has).map_or_else(|| self.entries.saturating_sub(u64::from(self.ended)), |place| place.entry)
    }

    /// The number after which the log must be read for this client; none if it has all that there is.
    pub(crate) fn log_wanted(self, has: Option<Place>) -> Option<u64> {
        Some(self.told_after(has)).filter(|entry| *entry < self.entries)
    }
}

/// What a client is told that has come so far. `log` has the entries after [`State::log_wanted`]; there may be newer ones among
/// them than `state` knows, which then wait for the next reading.
pub(crate) fn tell(has: Option<Place>, state: State, log: &[JobEvent]) -> Telling<'_> {
    let known = state.known(has);
    let from = state.told_after(has);
    let mut place = Place { entry: from, revision: known.map_or(0, |place| place.revision) };
    let is_due = known.is_none_or(|place| place.revision < state.revision);
    let unseen = log.iter().filter(|event| event.number > from && event.number <= state.entries);
    // The end comes after the last snapshot: a client stops listening when it hears it.
    let is_the_end = |event: &&JobEvent| state.ended && event.number == state.entries && event.what.is_end();
    let (end, entries): (Vec<_>, Vec<_>) = unseen.partition(is_the_end);
    let told = entries.into_iter().map(What::Entry).chain(is_due.then_some(What::Snapshot));
    let told = told.chain(end.into_iter().map(What::Entry));
    let events = told
        .map(|what| {
            match what {
                What::Entry(event) => place.entry = event.number,
                What::Snapshot => place.revision = state.revision,
            }
            (place, what)
        })
        .collect();
    Telling { events, place, is_last: state.ended }
}

#[cfg(test)]
mod tests;
