//! Records of the caller's own that a request names: which they are, for whoever looks them up, and what was found.

use std::collections::BTreeMap;

use serde_json::Value;
use toonmill_domain::{Character, CharacterId, JobKind};

use crate::{findings::Findings, reader::Fields};

/// What a body names besides files. What is wrong with the body is said when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub characters: Vec<CharacterId>,
    /// A text in which characters may be named by their names.
    pub text: Option<String>,
}

/// What there is of it.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// The character that the path names.
    pub subject: Option<Character>,
    /// Those that the body names by their ids.
    pub characters: BTreeMap<CharacterId, Character>,
    /// Those whose names the body's text has in it, in that order.
    pub cast: Vec<Member>,
}

/// A character that a text speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
}

impl Named {
    pub fn of(kind: JobKind, body: &Value) -> Self {
        let unsaid = Findings::default();
        let Some(fields) = Fields::of(body, "", &unsaid) else { return Self::default() };
        match kind {
            JobKind::GenerateCharacterSheet => {
                Self { characters: read_character(&fields).into_iter().collect(), ..Self::default() }
            }
            JobKind::ScriptToStoryboard => {
                Self { text: fields.text("script").value.map(str::to_owned), ..Self::default() }
            }
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
