//! A studio with some files and records in it, in which bodies are planned.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;
use toonmill_domain::{Character, FileId, InputImage, JobKind, PixelSize, ProviderId, StagePlan, Timestamp, Work};
use toonmill_plans::{
    Board, Draft, Finding, Making, Member, Named, Planned, Records, Sheet, Studio, TextLimits, mentioned,
};
use toonmill_providers::Catalogue;
use uuid::Uuid;

pub(crate) const PICTURE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
pub(crate) const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
pub(crate) const BOARD: &str = "01890a5d-ac96-774b-bcce-b302099a8062";
pub(crate) const GONE: &str = "01890a5d-ac96-774b-bcce-b302099a8059";
pub(crate) const HERO: &str = "01890a5d-ac96-774b-bcce-b302099a8061";

/// What the body comes to for these providers. Every inline picture is a good one.
pub(crate) fn plan_for(providers: &[&str], kind: JobKind, body: &Value) -> Result<Planned, Vec<Finding>> {
    let image = |file: &FileId| InputImage {
        object_key: format!("accounts/a/uploads/{file}.png"),
        sha256: "00".repeat(32),
        mime_type: "image/png".to_owned(),
        size_bytes: 1_000,
        // A page of a phone: nearest to 2:3 for whoever has it.
        pixels: Some(PixelSize { width: 1_000, height: 1_480 }),
        turned: false,
    };
    let made = Cell::new(0);
    let new_file = || {
        made.set(made.get() + 1);
        FileId::new(Uuid::from_u128(made.get()))
    };
    let records = records(kind, body);
    let making = Making { now: Timestamp::from_millis(1_795_000_000_000), new_file: &new_file, records: &records };
    let mut draft = Draft::of_kind(kind, body, making);
    let (known, gone): (FileId, FileId) = (PICTURE.parse().unwrap(), GONE.parse().unwrap());
    let other: FileId = OTHER.parse().unwrap();
    let mut inputs = BTreeMap::from([
        (known, Ok(image(&known))),
        (other, Ok(image(&other))),
        (gone, Err("there is no such file".to_owned())),
    ]);
    inputs.extend(draft.linked().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    inputs.extend(draft.take_inline().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    let catalogue = Catalogue::built_in().unwrap();
    let configured: BTreeSet<ProviderId> = providers.iter().map(|name| name.parse().unwrap()).collect();
    let text = TextLimits::default();
    let studio = Studio {
        catalogue: &catalogue,
        configured: &configured,
        unhealthy: &BTreeSet::new(),
        default_provider: None,
        max_images_per_job: 5_000,
        text,
    };
    draft.finish(studio, &inputs)
}

/// What there is of what a body names.
pub(crate) fn records(kind: JobKind, body: &Value) -> Records {
    let hero = Character {
        id: HERO.parse().unwrap(),
        account: "a".parse().unwrap(),
        name: "한서윤".to_owned(),
        description: "은빛 단발, 왼쪽 눈썹의 흉터".to_owned(),
        project: None,
        created_at: Timestamp::from_millis(1_794_000_000_000),
    };
    let named = Named::of(kind, body);
    let characters = named.characters.into_iter().filter(|id| *id == hero.id).map(|id| (id, hero.clone())).collect();
    let spoken_of = mentioned(named.text.as_deref().unwrap_or_default(), ["한서윤", "민수"]);
    let sheet = |file: &str, is_there| Sheet { file: file.parse().unwrap(), is_there };
    let member = |name: &str| match name {
        "민수" => Member {
            name: name.to_owned(),
            description: String::new(),
            sheets: vec![sheet(PICTURE, true), sheet(OTHER, true), sheet(GONE, false)],
        },
        _ => Member { name: name.to_owned(), description: hero.description.clone(), sheets: Vec::new() },
    };
    let cast = spoken_of.into_iter().chain(named.names.iter().map(String::as_str).filter(|name| *name == "민수"));
    let mut seen = BTreeSet::new();
    let cast: Vec<_> = cast.filter(|name| seen.insert(*name)).map(member).collect();
    let storyboard =
        named.storyboard.filter(|id| id.to_string() == BOARD).map(|id| Board { id, cuts: vec![Vec::new(); 4] });
    Records { subject: (kind == JobKind::GenerateCharacterImage).then_some(hero), characters, cast, storyboard }
}

pub(crate) fn plan(kind: JobKind, body: &Value) -> Result<Planned, Vec<Finding>> {
    plan_for(&["gemini", "seedream", "openai"], kind, body)
}

pub(crate) fn told(kind: JobKind, body: &Value) -> Vec<String> {
    let problems = plan(kind, body).err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.pointer, problem.detail)).collect()
}

pub(crate) fn ratio(stage: &StagePlan) -> String {
    match &stage.work {
        Work::Image(image) => image.aspect_ratio.to_string(),
        Work::Text(_) => panic!("a text has no ratio"),
    }
}
