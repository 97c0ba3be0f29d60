//! What models are told around the words of a request: texts with named slots, one file each.
//!
//! They are English, which every model follows best; what a user wrote stands in them as it was written, in any language.

/// A text with slots such as `{prompt}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template(&'static str);

pub(crate) const MONSTER: Template = Template(include_str!("prompts/monster.txt"));
/// For a model that writes.
pub(crate) const MONSTER_PROMPT: Template = Template(include_str!("prompts/monster-prompt.txt"));
pub(crate) const CHARACTER: Template = Template(include_str!("prompts/character.txt"));
pub(crate) const CHARACTER_PREVIEW: Template = Template(include_str!("prompts/character-preview.txt"));
pub(crate) const CHARACTER_SHEET: Template = Template(include_str!("prompts/character-sheet.txt"));
pub(crate) const CHARACTER_POSE: Template = Template(include_str!("prompts/character-pose.txt"));
pub(crate) const REGENERATE: Template = Template(include_str!("prompts/regenerate.txt"));
/// For a model that writes, and what it is asked for each part of a script.
pub(crate) const STORYBOARD: Template = Template(include_str!("prompts/storyboard.txt"));
pub(crate) const STORYBOARD_PART: Template = Template(include_str!("prompts/storyboard-part.txt"));
pub(crate) const STORYBOARD_CUT: Template = Template(include_str!("prompts/storyboard-cut.txt"));
/// Where the original is not sent along.
pub(crate) const REGENERATE_ANEW: Template = Template(include_str!("prompts/regenerate-anew.txt"));

impl Template {
    /// The text with its slots filled. A line is left out if its slot has nothing to say; what fills a slot is not read
    /// for slots again, so that a user's braces stay what they are.
    pub(crate) fn fill(self, values: &[(&str, &str)]) -> String {
        let lines = self.0.trim_end().lines().filter_map(|line| fill_line(line, values));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Every line has one slot at most.
fn fill_line(line: &str, values: &[(&str, &str)]) -> Option<String> {
    let slot = line.split_once('{').and_then(|(before, rest)| {
        let (name, after) = rest.split_once('}')?;
        Some((before, name, after))
    });
    let Some((before, name, after)) = slot else { return Some(line.to_owned()) };
    let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim())?;
    (!value.is_empty()).then(|| format!("{before}{value}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_filled_once_and_an_empty_one_takes_its_line_along() {
        let template = Template("A {name}.\nIt is {mood}.\nThe end\n");
        assert_eq!(template.fill(&[("name", "{mood} wolf"), ("mood", " ")]), "A {mood} wolf.\nThe end");
        assert_eq!(template.fill(&[("name", "늑대"), ("mood", "calm")]), "A 늑대.\nIt is calm.\nThe end");
    }
}
