//! Looks up what a request for a job names besides files: all of it the caller's own, or as good as not there (TN-1).

use std::collections::BTreeMap;

use toonmill_http_api::{Caller, Problem};
use toonmill_plans::{Named, Records};

use crate::{App, characters::no_such_character, submit::Order};

pub(crate) async fn load(app: &App, caller: &Caller, order: &Order<'_>) -> Result<Records, Problem> {
    let subject = match order.subject {
        Some(id) => {
            let found = app.table.load_character(&caller.account, id).await?;
            Some(found.ok_or_else(no_such_character)?)
        }
        None => None,
    };
    let named = Named::of(order.kind, order.body);
    let mut characters = BTreeMap::new();
    for id in named.characters {
        characters.extend(app.table.load_character(&caller.account, id).await?.map(|character| (id, character)));
    }
    Ok(Records { subject, characters })
}
