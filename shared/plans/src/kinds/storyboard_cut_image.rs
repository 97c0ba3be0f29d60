//! `POST /api/storyboard-cut-image`: a cut of a storyboard as a black-and-white sketch, with the characters of its words
//! drawn after their sheets.

use toonmill_domain::{CutImageEntry, JobId, Publication};

use crate::{
    MAX_INPUTS, Member, Records,
    kinds::{drawn_from, or_ratio, read_words, stage, words},
    names,
    prompts::STORYBOARD_CUT,
    reader::{Fields, Given},
    stage::{StageDraft, WantedFile, read_prompt, read_ratio},
};

/// Beyond any storyboard, and any character.
const MOST_CUTS: u32 = 10_000;
const MOST_SHEETS: u32 = 1_000;
/// What is told of a character's looks that has no sheet.
const LOOKS_CHARS: usize = 600;

/// A character of the cut, and the sheet that it is drawn after, if it has one.
struct Seen<'a> {
    member: &'a Member,
    sheet: Option<WantedFile>,
}

pub(super) fn read(fields: &Fields<'_>, records: &Records) -> StageDraft {
    let title = read_words(fields, "title");
    let background = read_words(fields, "background");
    let description = read_prompt(fields, "description");
    let dialogue = read_words(fields, "dialogue");
    let storyboard = read_storyboard(fields);
    let cut = read_cut(fields, &storyboard, records);
    let mut seen = read_cast(fields, &dialogue.pointer, records);
    // A model takes so many pictures and no more; the others are told of in words.
    for one in seen.iter_mut().filter(|one| one.sheet.is_some()).skip(MAX_INPUTS) {
        one.sheet = None;
    }

    let wording = STORYBOARD_CUT.fill(&[
        ("title", words(&title)),
        ("background", words(&background)),
        ("description", words(&description)),
        ("dialogue", &names::one_line(words(&dialogue))),
        ("sheets", &told_sheets(&seen)),
        ("others", &told_others(&seen)),
    ]);
    let characters = seen.iter().filter(|one| one.sheet.is_some()).map(|one| one.member.name.clone()).collect();
    let spoken = format!("{}\n{}", words(&dialogue), words(&description));
    let unmatched_names = unmatched_names(&spoken, &seen, cut, records);
    let publish = storyboard.value.zip(cut).map(|(storyboard, cut)| {
        let description = words(&description).to_owned();
        Publication::CutImage(CutImageEntry { storyboard, cut, description, characters, unmatched_names })
    });
    let ratio = or_ratio(read_ratio(fields, "aspectRatio"), 16, 9);
    let stage = StageDraft { publish, ..stage(fields, description, wording, ratio) };
    drawn_from(stage, seen.into_iter().filter_map(|one| one.sheet).collect())
}

pub(crate) fn read_storyboard(fields: &Fields<'_>) -> Given<JobId> {
    fields.require(fields.parsed("storyboardId", "the id of a storyboard"))
}

/// Every text in which names are looked for.
pub(crate) fn text(fields: &Fields<'_>) -> String {
    let text = |name| fields.words(name).value.unwrap_or_default();
    format!("{}\n{}", text("dialogue"), text("description"))
}

/// The names whose sheets are selected.
pub(crate) fn selected(fields: &Fields<'_>) -> Vec<String> {
    let selected = fields.object("selectedCharacterSheets").value;
    selected.map(|selected| selected.names().map(str::to_owned).collect()).unwrap_or_default()
}

fn read_cut(fields: &Fields<'_>, storyboard: &Given<JobId>, records: &Records) -> Option<u32> {
    let cut = fields.require(fields.integer("cutIndex", 0, MOST_CUTS - 1));
    let named = storyboard.value?;
    let Some(board) = records.storyboard.as_ref().filter(|found| found.id == named) else {
        fields.problem(&storyboard.pointer, "there is no such storyboard");
        return None;
    };
    let Some(last) = u32::try_from(board.cuts.len()).unwrap_or(u32::MAX).checked_sub(1) else {
        fields.problem(&storyboard.pointer, "has no cuts, because it is not COMPLETED");
        return None;
    };
    if cut.value.is_some_and(|index| index > last) {
        fields.problem(&cut.pointer, format!("must be from 0 to {last}, a cut of the storyboard"));
    }
    cut.value.filter(|index| *index <= last)
}

/// Whoever is selected or spoken of, in the order of the text: each with the sheet that is selected, or else the newest.
fn read_cast<'a>(fields: &Fields<'_>, dialogue_at: &str, records: &'a Records) -> Vec<Seen<'a>> {
    let selected = fields.object("selectedCharacterSheets").value;
    let mut seen: Vec<Seen<'a>> = records.cast.iter().map(|member| Seen { member, sheet: None }).collect();
    for name in selected.iter().flat_map(Fields::names) {
        let Some(chosen) = selected.as_ref().map(|selected| selected.integer_of(name, 0, MOST_SHEETS - 1)) else {
            continue;
        };
        let Some(one) = seen.iter_mut().find(|one| names::is_same(&one.member.name, name)) else {
            fields.problem(&chosen.pointer, "there is no such character");
            continue;
        };
        let Some(index) = chosen.value else { continue };
        let sheet = usize::try_from(index).ok().and_then(|index| one.member.sheets.get(index));
        if let Some(sheet) = sheet {
            one.sheet = Some(WantedFile { pointer: chosen.pointer, file: sheet.file });
        } else {
            let count = one.member.sheets.len();
            fields.problem(&chosen.pointer, format!("is no sheet of this character, which has {count}"));
        }
    }
    for one in seen.iter_mut().filter(|one| one.sheet.is_none()) {
        let newest = one.member.sheets.iter().rev().find(|sheet| sheet.is_there);
        one.sheet = newest.map(|sheet| WantedFile { pointer: dialogue_at.to_owned(), file: sheet.file });
    }
    seen
}

/// The names that are spoken of in the cut's words, or that its storyboard says are in it, and that no picture of its
/// sheets is sent for. So nobody has to find out by the drawing that a sheet was left out.
fn unmatched_names(text: &str, seen: &[Seen<'_>], cut: Option<u32>, records: &Records) -> Vec<String> {
    let known: Vec<&str> = seen.iter().map(|one| one.member.name.as_str()).collect();
    let without_sheet = seen.iter().filter(|one| one.sheet.is_none()).map(|one| one.member.name.clone());
    let mut unmatched: Vec<String> = without_sheet.collect();
    let board = records.storyboard.as_ref().zip(cut.and_then(|cut| usize::try_from(cut).ok()));
    let in_cut = board.and_then(|(board, cut)| board.cuts.get(cut)).into_iter().flatten();
    let in_cut = in_cut.filter(|name| names::which(name, &known).is_none()).map(|name| names::tidy(name));
    for name in names::unmatched(text, &known).into_iter().chain(in_cut) {
        if !unmatched.iter().any(|other| names::is_same(other, &name)) {
            unmatched.push(name);
        }
    }
    unmatched
}

fn told_sheets(seen: &[Seen<'_>]) -> String {
    let with_sheets = seen.iter().filter(|one| one.sheet.is_some());
    let told = with_sheets.zip(1..).map(|(one, number)| {
        format!(
            "Picture {number} is the character sheet of {}: whoever is called so looks exactly so.",
            one.member.name
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

fn told_others(seen: &[Seen<'_>]) -> String {
    let others = seen.iter().filter(|one| one.sheet.is_none() && !one.member.description.trim().is_empty());
    let told = others.map(|one| {
        let looks: String = names::one_line(&one.member.description).chars().take(LOOKS_CHARS).collect();
        format!("{}: {looks}.", one.member.name)
    });
    told.collect::<Vec<_>>().join(" ")
}
