//! Looks up what a request for a job names besides files: all of it the caller's own, or as good as not there (TN-1).

use std::collections::BTreeMap;

use toonmill_domain::Character;
use toonmill_http_api::{Caller, Problem};
use toonmill_plans::{Member, Named, Records, mentioned};

use crate::{App, characters::no_such_character, submit::Order};

/// Characters whose names are looked for in a text.
const MOST_CHARACTERS: usize = 1_000;
const CHARACTERS_AT_ONCE: i32 = 200;

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
    let cast = match named.text {
        Some(text) => cast(app, caller, &text).await?,
        None => Vec::new(),
    };
    Ok(Records { subject, characters, cast })
}

/// Whom a text speaks of. Of characters of one name, the one that was made last is meant.
async fn cast(app: &App, caller: &Caller, text: &str) -> Result<Vec<Member>, Problem> {
    let characters = all_characters(app, caller).await?;
    let names = mentioned(text, characters.iter().map(|character| character.name.as_str()));
    Ok(names.into_iter().map(|name| Member { name: name.to_owned() }).collect())
}

/// The caller's characters, newest first; of very many the newest.
async fn all_characters(app: &App, caller: &Caller) -> Result<Vec<Character>, Problem> {
    let mut all: Vec<Character> = Vec::new();
    while all.len() < MOST_CHARACTERS {
        let before = all.last().map(|character| character.id);
        let found = app.table.list_characters(&caller.account, before, CHARACTERS_AT_ONCE).await?;
        let is_last = found.is_empty();
        all.extend(found);
        if is_last {
            break;
        }
    }
    Ok(all)
}
