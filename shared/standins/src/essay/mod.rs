//! Words for people without their keys: short texts about what the prompt is about, in its language, and data that
//! satisfies a schema. They follow from the prompt, the schema and a seed, and from nothing else.

mod data;
mod phrases;

use fastrand::Rng;

pub(crate) use data::data;
use phrases::Language;

/// Four sentences about the prompt.
pub(crate) fn text(prompt: &str, seed: u64) -> String {
    let language = Language::of(prompt);
    let mut sentences = language.scene().to_vec();
    Rng::with_seed(seed).shuffle(&mut sentences);
    let topic = topic(prompt);
    let opening = if topic.is_empty() { String::new() } else { format!("{topic}. ") };
    opening + &sentences.iter().take(4).copied().collect::<Vec<_>>().join(" ")
}

/// About as many tokens as a tokenizer would find.
pub(crate) fn tokens(text: &str) -> u64 {
    let chars_a_token = if Language::of(text) == Language::Korean { 2 } else { 4 };
    (text.chars().count() as u64).div_ceil(chars_a_token).max(1)
}

/// As much of a text as so many tokens are, and whether that is less than all of it.
pub(crate) fn cut(text: &str, max_tokens: u64) -> (String, bool) {
    if tokens(text) <= max_tokens {
        return (text.to_owned(), false);
    }
    let chars_a_token = if Language::of(text) == Language::Korean { 2 } else { 4 };
    let chars = usize::try_from(max_tokens.saturating_mul(chars_a_token)).unwrap_or(usize::MAX);
    (text.chars().take(chars).collect(), true)
}

/// What the prompt begins with, as far as a heading goes.
fn topic(prompt: &str) -> String {
    let sentence = prompt.trim().split(['.', '!', '?', '\n']).next().unwrap_or_default().trim();
    let mut topic = String::new();
    for word in sentence.split_whitespace() {
        if !topic.is_empty() && topic.chars().count() + word.chars().count() >= 60 {
            break;
        }
        if !topic.is_empty() {
            topic.push(' ');
        }
        topic.extend(word.chars().take(60));
    }
    topic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_about_its_prompt_and_in_its_language() {
        let english = text("A hunter stands before the gate. It rains.", 7);
        assert!(english.starts_with("A hunter stands before the gate. "), "{english}");
        assert_eq!(english, text("A hunter stands before the gate. It rains.", 7));
        assert_ne!(english, text("A hunter stands before the gate. It rains.", 8));
        let korean = text("사냥꾼이 문 앞에 선다", 7);
        assert!(korean.starts_with("사냥꾼이 문 앞에 선다. "), "{korean}");
        assert!(korean.chars().all(|c| !c.is_ascii_alphabetic()), "{korean}");
        assert!(!text("", 1).is_empty());
    }

    #[test]
    fn a_text_is_cut_at_its_tokens() {
        assert_eq!(cut("abcdefgh", 2), ("abcdefgh".into(), false));
        assert_eq!(cut("abcdefghi", 2), ("abcdefgh".into(), true));
        assert_eq!(cut("가나다라마", 2), ("가나다라".into(), true));
    }
}
