//! Looks up what a request for a job names besides files: all of it the caller's own, or as good as not there (TN-1).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use toonmill_cloud::table::{FileState, Row};
use toonmill_domain::{Character, CharacterId, JobId};
use toonmill_http_api::{Caller, FieldError, Problem};
use toonmill_plans::{Board, Member, Named, Records, Sheet, is_same_name, mentioned};

use crate::{App, characters::no_such_character, storyboards, submit::Order, view::Storyboard};

/// Characters whose names are looked for in a text.
const MOST_CHARACTERS: usize = 1_000;
/// Sheets of one character that can be selected.
const MOST_SHEETS: usize = 1_000;
const ROWS_AT_ONCE: i32 = 200;
/// Characters of one request's cast; of a text that speaks of more, those that it names first.
const MOST_CAST: usize = 30;
/// Characters whose sheets are read at once.
const SHEETS_AT_ONCE: usize = 8;

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
    for id in named.characters.iter().copied() {
        characters.extend(app.table.load_character(&caller.account, id).await?.map(|character| (id, character)));
    }
    let cast = if named.text.is_some() { cast(app, caller, &named).await? } else { Vec::new() };
    let storyboard = match named.storyboard {
        Some(id) => board(app, caller, id).await?,
        None => None,
    };
    Ok(Records { subject, characters, cast, storyboard })
}

/// A storyboard of the caller's. It has cuts once all of it is written.
async fn board(app: &App, caller: &Caller, id: JobId) -> Result<Option<Board>, Problem> {
    let Some((_, stages)) = storyboards::load(app, caller, id).await? else { return Ok(None) };
    let cuts = Storyboard::load(app, &stages).await?.map(|storyboard| storyboard.cuts).unwrap_or_default();
    Ok(Some(Board { id, cuts: cuts.into_iter().map(|cut| cut.characters).collect() }))
}

/// Whom a body speaks of. Of characters of one name, the one that was made last is meant.
async fn cast(app: &App, caller: &Caller, named: &Named) -> Result<Vec<Member>, Problem> {
    let characters = all_characters(app, caller).await?;
    let find = |name: &str| characters.iter().find(|character| is_same_name(&character.name, name));
    let text = named.text.as_deref().unwrap_or_default();
    let spoken_of = mentioned(text, characters.iter().map(|character| character.name.as_str()));
    // Those that were selected have their places first: what a caller names on purpose is not left out.
    let places = MOST_CAST.checked_sub(named.names.len()).ok_or_else(|| {
        let detail = format!("names more than {MOST_CAST} characters");
        Problem::invalid(vec![FieldError::new("/selectedCharacterSheets", detail)])
    })?;
    let spoken_of = spoken_of.into_iter().filter(|name| find(name).is_some()).take(places);
    let all = spoken_of.chain(named.names.iter().map(String::as_str)).filter_map(find);
    let mut seen = BTreeSet::new();
    let cast: Vec<Character> = all.filter(|character| seen.insert(character.id)).cloned().collect();
    let members = cast.into_iter().map(|Character { id, name, description, .. }| async move {
        let sheets = if named.with_sheets { sheets(app, caller, id).await? } else { Vec::new() };
        Ok::<_, Problem>(Member { name, description, sheets })
    });
    stream::iter(members).buffered(SHEETS_AT_ONCE).try_collect().await
}

/// All sheets of a character, by their indexes.
async fn sheets(app: &App, caller: &Caller, character: CharacterId) -> Result<Vec<Sheet>, Problem> {
    let mut rows = Vec::new();
    while rows.len() < MOST_SHEETS {
        let after = rows.last().map(Row::place);
        let found = app.table.list_sheets(&caller.account, character, after, ROWS_AT_ONCE).await?;
        let is_last = found.is_empty();
        rows.extend(found);
        if is_last {
            break;
        }
    }
    let ids: Vec<_> = rows.iter().map(|row| row.file).collect();
    let files = app.table.load_files(&ids).await?.into_iter();
    let there: BTreeSet<_> = files.filter(|file| file.state == FileState::Live).map(|file| file.id).collect();
    Ok(ids.into_iter().map(|file| Sheet { file, is_there: there.contains(&file) }).collect())
}

/// The caller's characters, newest first; of very many the newest.
async fn all_characters(app: &App, caller: &Caller) -> Result<Vec<Character>, Problem> {
    let mut all: Vec<Character> = Vec::new();
    while all.len() < MOST_CHARACTERS {
        let before = all.last().map(|character| character.id);
        let found = app.table.list_characters(&caller.account, before, ROWS_AT_ONCE).await?;
        let is_last = found.is_empty();
        all.extend(found);
        if is_last {
            break;
        }
    }
    Ok(all)
}
