//! A storyboard as the parts of its script come to it: what a model is asked to answer with, and the parts made into one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::names;

/// Cuts of one part: more would not fit into the tokens of an answer.
pub(crate) const MOST_CUTS: usize = 16;
const MOST_CHARACTERS: usize = 12;

/// One cut of a webtoon: a panel, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    pub title: String,
    /// Where it is.
    pub background: String,
    /// What is to be seen.
    pub description: String,
    /// A line for each who speaks, `Name: words`; empty if nobody does.
    pub dialogue: String,
    /// Who is in it.
    pub characters: Vec<String>,
}

#[derive(Deserialize)]
struct Part {
    cuts: Vec<Cut>,
}

/// A part that is none. Every part satisfied the schema when it was stored.
#[derive(Debug, thiserror::Error)]
#[error("a part of a storyboard is not what its schema says")]
pub struct NotAPart(#[from] serde_json::Error);

/// What the answer for one part must satisfy. `OpenAI` and Gemini both take these keywords.
pub(crate) fn schema() -> Value {
    let text = || json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "cuts": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_CUTS,
                "items": {
                    "type": "object",
                    "properties": {
                        "title": text(),
                        "background": text(),
                        "description": text(),
                        "dialogue": text(),
                        "characters": { "type": "array", "maxItems": MOST_CHARACTERS, "items": text() },
                    },
                    "required": ["title", "background", "description", "dialogue", "characters"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["cuts"],
        "additionalProperties": false,
    })
}

/// The whole storyboard, from the answers for all of its parts in their order. Whoever is named in several of them is
/// spelt as first: capitals, spaces and particles on a name make no other person.
pub fn merge<'p>(parts: impl IntoIterator<Item = &'p str>) -> Result<Vec<Cut>, NotAPart> {
    let mut cuts = Vec::new();
    for part in parts {
        cuts.extend(serde_json::from_str::<Part>(part)?.cuts);
    }
    // By their letters, each as it is spelt where it stands first.
    let mut known = BTreeMap::new();
    for name in cuts.iter().flat_map(|cut| &cut.characters) {
        known.entry(names::folded(name)).or_insert_with(|| names::tidy(name));
    }
    known.remove(&Vec::new());
    let one_spelling = |name: &str| {
        let letters = names::folded(name);
        let base = names::without_endings(&letters, |other| known.contains_key(other)).unwrap_or(&letters);
        known.get(base).cloned()
    };
    for cut in &mut cuts {
        let mut characters: Vec<String> = Vec::new();
        for name in cut.characters.iter().filter_map(|name| one_spelling(name)) {
            if !characters.contains(&name) {
                characters.push(name);
            }
        }
        cut.characters = characters;
    }
    Ok(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(cuts: &[(&str, &[&str])]) -> String {
        let cut = |(title, characters): &(&str, &[&str])| json!({ "title": title, "background": "", "description": "", "dialogue": "", "characters": characters });
        json!({ "cuts": cuts.iter().map(cut).collect::<Vec<_>>() }).to_string()
    }

    #[test]
    fn parts_are_one_storyboard_in_their_order_with_one_spelling_of_each_name() {
        let parts = [
            part(&[("1", &["민수가", " Ann "]), ("2", &[])]),
            part(&[("3", &["ann", "민수", "민수"]), ("4", &["김  도윤", " ", "민수진"])]),
        ];
        let cuts = merge(parts.iter().map(String::as_str)).unwrap();
        let told: Vec<_> = cuts.iter().map(|cut| (cut.title.as_str(), cut.characters.join(","))).collect();
        let expected = [("1", "민수,Ann"), ("2", ""), ("3", "Ann,민수"), ("4", "김 도윤,민수진")];
        assert_eq!(told, expected.map(|(title, names)| (title, names.to_owned())));
    }

    #[test]
    fn what_is_no_part_is_an_error_and_not_a_shorter_storyboard() {
        assert!(merge([part(&[("1", &[])]).as_str(), "{}"]).is_err());
        assert_eq!(merge([]).unwrap(), []);
    }
}
