//! The stage's record: small for ever, since its sets hold only numbers. Every poll reads it, and each attribute costs one
//! about 3,000 instructions, so what its key says and what is as usual is left out.

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{Choice, Credits, Epoch, Failover, Prices, Round, SlotIndex, Stage, StageKey, WorkKind};

use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, flag, number, numbers, text, time},
    table::keys,
};

pub(in crate::table) fn stage_item(stage: &Stage) -> Item {
    let attributes = Attributes::default()
        .with("quantity", number(stage.quantity))
        .with("epoch", number(stage.epoch.0))
        .with("round", number(stage.round.0))
        .with("roundStartedAt", time(stage.round_started_at))
        .with("closed", flag(stage.closed))
        .with("dispatched", number(stage.dispatched))
        .with("resends", number(stage.resends))
        .with_some("finishNoted", stage.finish_noted.map(|epoch| number(epoch.0)))
        .with_some("stored", numbers(stage.stored.iter().map(|slot| slot.0)))
        .with_some("missed", numbers(stage.missed.iter().map(|slot| slot.0)))
        .with("price", number(stage.prices.first().get()))
        .with_some("laterPrices", stage.prices.later().next().map(|_| later_prices(&stage.prices)))
        .with("provider", text(&stage.provider))
        .with("model", text(&stage.model))
        .with_some("work", (stage.work != WorkKind::Image).then(|| text(stage.work.as_str())))
        .with_some("jobOnly", (!stage.keep_files).then(|| flag(true)))
        .with_some("failover", (stage.failover != Failover::Never).then(|| text(stage.failover.as_str())))
        .with_some("alternatives", (!stage.alternatives.is_empty()).then(|| alternatives(&stage.alternatives)));
    keys::stage(stage.key).with(attributes.into_item())
}

fn alternatives(choices: &[Choice]) -> AttributeValue {
    let choice = |choice: &Choice| {
        let pair = Attributes::default().with("provider", text(&choice.provider)).with("model", text(&choice.model));
        AttributeValue::M(pair.into_item())
    };
    AttributeValue::L(choices.iter().map(choice).collect())
}

pub(in crate::table) fn read_stage(item: &Item) -> Result<Stage, CloudError> {
    let read = Reader::new(item, "stage record");
    let job = read.named("pk", keys::parse_job_partition)?;
    let stage = read.named("sk", keys::parse_stage_sort)?;
    let slots = |name| Ok::<_, CloudError>(read.numbers::<u32, Vec<_>>(name)?.into_iter().map(SlotIndex).collect());
    Ok(Stage {
        key: StageKey { job, stage },
        quantity: read.number("quantity")?,
        epoch: Epoch(read.number("epoch")?),
        round: Round(read.number("round")?),
        round_started_at: read.time("roundStartedAt")?,
        closed: read.flag("closed")?,
        dispatched: read.number("dispatched")?,
        resends: read.number("resends")?,
        finish_noted: read.opt_number("finishNoted")?.map(Epoch),
        stored: slots("stored")?,
        missed: slots("missed")?,
        prices: read_prices(&read)?,
        provider: read.parsed("provider")?,
        model: read.parsed("model")?,
        work: read.opt_named("work", WorkKind::parse)?.unwrap_or(WorkKind::Image),
        keep_files: !read.flag("jobOnly")?,
        failover: read.opt_named("failover", Failover::parse)?.unwrap_or_default(),
        alternatives: read.maps("alternatives", "alternative")?.iter().map(read_choice).collect::<Result<_, _>>()?,
    })
}

fn read_choice(read: &Reader<'_>) -> Result<Choice, CloudError> {
    Ok(Choice { provider: read.parsed("provider")?, model: read.parsed("model")? })
}

/// Prices that retries froze, by the epoch from which on each holds.
pub(in crate::table) fn later_prices(prices: &Prices) -> AttributeValue {
    let later = prices.later().map(|(epoch, price)| (epoch.0.to_string(), number(price.get())));
    AttributeValue::M(later.collect())
}

/// A record without `laterPrices` was never retried at another price.
fn read_prices(read: &Reader<'_>) -> Result<Prices, CloudError> {
    let credits = |read: &Reader<'_>, name: &str| Credits::new(read.number(name)?).ok_or_else(|| read.corrupt(name));
    let mut prices = Prices::new(credits(read, "price")?);
    if let Some(later) = read.opt_map("laterPrices", "prices of a stage")? {
        let mut changes = Vec::new();
        for name in later.names() {
            let epoch = name.parse().map_err(|_| later.corrupt(name))?;
            changes.push((Epoch(epoch), credits(&later, name)?));
        }
        changes.sort_unstable();
        prices = changes.into_iter().fold(prices, |prices, (epoch, price)| prices.with(epoch, price));
    }
    Ok(prices)
}
