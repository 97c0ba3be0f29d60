//! Records of the caller's own that a request names: which they are, for whoever looks them up, and what was found.

use std::collections::BTreeMap;

use serde_json::Value;
use toonmill_domain::{Character, CharacterId, FileId, JobId, JobKind};

use crate::{findings::Findings, kinds::storyboard_cut_image, reader::Fields};

/// What a body names besides files. What is wrong with the body is said when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub characters: Vec<CharacterId>,
    /// A text in which characters may be named by their names.
    pub text: Option<String>,
    /// Names of characters that are in the body by themselves.
    pub names: Vec<String>,
    /// Whether the sheets of the characters are wanted, or just who they are.
    pub with_sheets: bool,
    pub storyboard: Option<JobId>,
}

/// What there is of it.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// The character that the path names.
    pub subject: Option<Character>,
    /// Those that the body names by their ids.
    pub characters: BTreeMap<CharacterId, Character>,
    /// Those whose names the body's text has in it, in that order, and then those that the body names by themselves.
    pub cast: Vec<Member>,
    pub storyboard: Option<Board>,
}

/// A character that a text speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub description: String,
    /// By their indexes.
    pub sheets: Vec<Sheet>,
}

/// A sheet of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub file: FileId,
    /// Or its owner has removed it.
    pub is_there: bool,
}

/// A storyboard, as far as its cuts can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    pub id: JobId,
    /// The names of those who are in each cut.
    pub cuts: Vec<Vec<String>>,
}

impl Named {
    pub fn of(kind: JobKind, body: &Value) -> Self {
        let unsaid = Findings::default();
        let Some(fields) = Fields::of(body, "", &unsaid) else { return Self::default() };
        match kind {
            JobKind::GenerateCharacterSheet => {
                Self { characters: read_character(&fields).into_iter().collect(), ..Self::default() }
            }
            JobKind::ScriptToStoryboard => Self { text: fields.words("script").value, ..Self::default() },
            JobKind::StoryboardCutImage => Self {
                text: Some(storyboard_cut_image::text(&fields)),
                names: storyboard_cut_image::selected(&fields),
                with_sheets: true,
                storyboard: storyboard_cut_image::read_storyboard(&fields).value,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

impl Records {
    /// The character that a body names by `characterId`, if it names one.
    pub(crate) fn character(&self, fields: &Fields<'_>) -> Option<&Character> {
        let found = self.characters.get(&read_character(fields)?);
        if found.is_none() {
            fields.problem(&fields.any("characterId").pointer, "there is no such character");
        }
        found
    }
}

fn read_character(fields: &Fields<'_>) -> Option<CharacterId> {
    fields.parsed("characterId", "the id of a character").value
}
