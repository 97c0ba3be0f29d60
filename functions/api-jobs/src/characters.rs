//! `POST` and `GET /api/characters`, `GET /api/characters/{id}`: who a webtoon's people are.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use toonmill_domain::{Character, CharacterId};
use toonmill_http_api::{Caller, JsonBody, Page, Params, Problem, lists};
use toonmill_orders::invalid;
use toonmill_plans::{Findings, MAX_PROMPT_CHARS, letters, read_own_id, reader::Fields};

use crate::App;

/// Dialogues call a character by its name.
const LONGEST_NAME: usize = 100;
/// Rows that one request looks at, at most: a project with few characters ends a page early and leaves a cursor.
const MOST_ROWS: usize = 1_000;
const ROWS_AT_ONCE: i32 = 50;
/// A Query stops before 1 MB of rows, however many were asked for. No row has more than 0.2 MB, so that a page of less
/// than this ended for another reason.
const CUT_PAGE_BYTES: usize = 500_000;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CharacterView {
    id: CharacterId,
    name: String,
    description: String,
    project_id: Option<String>,
    created_at: String,
}

struct Described {
    name: String,
    description: String,
    project: Option<String>,
}

pub(crate) fn no_such_character() -> Problem {
    Problem::not_found("character")
}

pub(crate) fn character_id(text: &str) -> Result<CharacterId, Problem> {
    text.parse().map_err(|_| no_such_character())
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let Described { name, description, project } = read(&body)?;
    let id = CharacterId::new(app.edge.ids.make());
    let created_at = app.clock.now();
    let character = Character { id, account: caller.account, name, description, project, created_at };
    app.table.create_character(&character).await?;
    let location = [(header::LOCATION, format!("/api/characters/{id}"))];
    Ok((StatusCode::CREATED, location, Json(CharacterView::of(character))).into_response())
}

pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CharacterView>, Problem> {
    let found = app.table.load_character(&caller.account, character_id(&id)?).await?;
    Ok(Json(CharacterView::of(found.ok_or_else(no_such_character)?)))
}

/// The caller's characters, newest first; of one project, if it is named.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    params: Params,
) -> Result<Json<Page<CharacterView>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let mut before = params.cursor(|place| place.parse::<CharacterId>().ok());
    let project = params.text("projectId").map(str::to_owned);
    params.finish()?;

    let (mut data, mut looked_at, mut more) = (Vec::new(), 0, true);
    while more && data.len() < limit && looked_at < MOST_ROWS {
        let found = app.table.list_characters(&caller.account, before, ROWS_AT_ONCE).await?;
        more = found.len() == usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX) || may_be_cut(&found);
        let last = found.last().map(|character| character.id);
        for character in found {
            looked_at += 1;
            before = Some(character.id);
            if project.is_none() || character.project == project {
                data.push(CharacterView::of(character));
            }
            if data.len() == limit {
                more |= before != last;
                break;
            }
        }
    }
    let next_cursor = before.filter(|_| more).map(|id| lists::cursor(&id.to_string()));
    Ok(Json(Page { data, next_cursor }))
}

/// Whether a Query may have stopped for its size, with more rows to come.
fn may_be_cut(page: &[Character]) -> bool {
    page.iter().map(|row| row.name.len() + row.description.len()).sum::<usize>() > CUT_PAGE_BYTES
}

impl CharacterView {
    fn of(character: Character) -> Self {
        let Character { id, name, description, project, created_at, .. } = character;
        Self { id, name, description, project_id: project, created_at: created_at.to_rfc3339() }
    }
}

fn read(body: &Value) -> Result<Described, Problem> {
    let findings = Findings::default();
    let described = Fields::of(body, "", &findings).and_then(|fields| read_fields(&fields));
    let problems = findings.into_vec();
    match described {
        Some(described) if problems.is_empty() => Ok(described),
        _ => Err(invalid(problems)),
    }
}

fn read_fields(fields: &Fields<'_>) -> Option<Described> {
    let name = fields.require(fields.words("name"));
    // Nobody could find a character again by what is not displayed.
    let shown = name.value.map(|name| letters::visible(&name).trim().to_owned());
    if shown.as_ref().is_some_and(|name| !is_a_name(name)) {
        let detail =
            format!("must be a name of 1 to {LONGEST_NAME} characters, in one line, with a letter or a digit in it");
        fields.problem(&name.pointer, detail);
    }
    let description = fields.words("description");
    if let Some(why) = description.value.as_ref().and_then(|text| letters::too_long(text, MAX_PROMPT_CHARS)) {
        fields.problem(&description.pointer, why);
    }
    let project = read_own_id(fields, "projectId");
    Some(Described {
        name: shown?,
        description: description.value.unwrap_or_default(),
        project: project.value.map(str::to_owned),
    })
}

fn is_a_name(name: &str) -> bool {
    letters::too_long(name, LONGEST_NAME).is_none()
        && !name.chars().any(letters::is_line_end_or_control)
        && name.chars().any(char::is_alphanumeric)
}
