//! The stage's record: small for ever, since its sets hold only numbers.

use toonmill_domain::{Credits, Epoch, Round, SlotIndex, Stage, StageKey, WorkKind};

use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, flag, number, numbers, text, time},
    table::keys,
};

pub(in crate::table) fn stage_item(stage: &Stage) -> Item {
    let attributes = Attributes::default()
        .with("job", text(stage.key.job))
        .with("quantity", number(stage.quantity))
        .with("epoch", number(stage.epoch.0))
        .with("round", number(stage.round.0))
        .with("roundStartedAt", time(stage.round_started_at))
        .with("closed", flag(stage.closed))
        .with("dispatched", number(stage.dispatched))
        .with("resends", number(stage.resends))
        .with_some("stored", numbers(stage.stored.iter().map(|slot| slot.0)))
        .with_some("missed", numbers(stage.missed.iter().map(|slot| slot.0)))
        .with("price", number(stage.price.get()))
        .with("provider", text(&stage.provider))
        .with("model", text(&stage.model))
        .with("work", text(stage.work.as_str()))
        .with("jobOnly", flag(!stage.keep_files));
    keys::stage(stage.key).with(attributes.into_item())
}

pub(in crate::table) fn read_stage(item: &Item) -> Result<Stage, CloudError> {
    let read = Reader::new(item, "stage record");
    let stage = keys::parse_stage_sort(read.text("sk")?).ok_or_else(|| read.corrupt("sk"))?;
    let slots = |name| Ok::<_, CloudError>(read.numbers::<u32, Vec<_>>(name)?.into_iter().map(SlotIndex).collect());
    Ok(Stage {
        key: StageKey { job: read.parsed("job")?, stage },
        quantity: read.number("quantity")?,
        epoch: Epoch(read.number("epoch")?),
        round: Round(read.number("round")?),
        round_started_at: read.time("roundStartedAt")?,
        closed: read.flag("closed")?,
        dispatched: read.number("dispatched")?,
        resends: read.number("resends")?,
        stored: slots("stored")?,
        missed: slots("missed")?,
        price: Credits::new(read.number("price")?).ok_or_else(|| read.corrupt("price"))?,
        provider: read.parsed("provider")?,
        model: read.parsed("model")?,
        work: read.opt_named("work", WorkKind::parse)?.unwrap_or(WorkKind::Image),
        keep_files: !read.flag("jobOnly")?,
    })
}
