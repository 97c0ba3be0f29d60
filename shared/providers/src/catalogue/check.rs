//! Whether a model can do what is asked, before anything is paid.

use toonmill_domain::{AspectRatio, InputImage};
use unicode_segmentation::UnicodeSegmentation;

use super::ImageModel;

/// What a drawing request asks of a model.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub prompt: &'a str,
    pub aspect_ratio: AspectRatio,
    pub image_size: Option<&'a str>,
    pub references: &'a [InputImage],
}

/// What a model cannot do, and what it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem<F = Field> {
    pub field: F,
    pub detail: String,
}

/// Which part of the request it is about. Endpoints spell their fields differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Provider,
    Prompt,
    AspectRatio,
    ImageSize,
    References,
    Reference(usize),
}

impl Field {
    /// The JSON pointer within a stage of `POST /api/v1/jobs`.
    pub fn pointer(self) -> String {
        match self {
            Self::Provider => "/provider".to_owned(),
            Self::Prompt => "/prompt".to_owned(),
            Self::AspectRatio => "/aspectRatio".to_owned(),
            Self::ImageSize => "/imageSize".to_owned(),
            Self::References => "/inputFileIds".to_owned(),
            Self::Reference(at) => format!("/inputFileIds/{at}"),
        }
    }
}

impl Problem {
    pub(super) fn no_provider() -> Self {
        Self { field: Field::Provider, detail: "no provider of images is available".to_owned() }
    }
}

impl ImageModel {
    /// Everything that this model cannot do of what is asked. Nothing, if it can.
    pub fn check(&self, ask: &Ask<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |field, detail| problems.push(Problem { field, detail });
        let id = &self.id;

        let chars = ask.prompt.graphemes(true).count();
        if chars > self.max_prompt_chars {
            let max = self.max_prompt_chars;
            add(Field::Prompt, format!("{id} takes prompts of up to {max} characters; this one has {chars}"));
        }
        if !self.aspect_ratios.contains(&ask.aspect_ratio) {
            let list = listed(self.aspect_ratios.iter().map(ToString::to_string));
            add(Field::AspectRatio, format!("{id} draws {list}"));
        }
        if let Some(size) = ask.image_size
            && !self.image_sizes.iter().any(|known| known == size)
        {
            add(Field::ImageSize, format!("{id} draws {}", listed(self.image_sizes.iter().cloned())));
        }
        let (count, max) = (ask.references.len(), self.max_reference_images);
        if count > max {
            add(Field::References, format!("{id} takes up to {max} reference images, not {count}"));
        }
        for (at, reference) in ask.references.iter().enumerate() {
            if !self.reference_mime_types.contains(&reference.mime_type) {
                let list = listed(self.reference_mime_types.iter().cloned());
                add(Field::Reference(at), format!("{id} takes {list} as references"));
            }
            if self.sent_bytes(reference) > self.max_reference_bytes {
                let max = self.max_reference_bytes;
                add(Field::Reference(at), format!("{id} takes reference images of up to {max} bytes each"));
            }
        }
        let all = ask.references.iter().map(|reference| self.sent_bytes(reference)).fold(0, u64::saturating_add);
        if all > self.max_all_reference_bytes {
            let max = self.max_all_reference_bytes;
            add(Field::References, format!("{id} takes reference images of up to {max} bytes together, not {all}"));
        }
        problems
    }
}

fn listed(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    fn reference(mime_type: &str, size_bytes: u64) -> InputImage {
        InputImage {
            object_key: "k".into(),
            sha256: "0".into(),
            mime_type: mime_type.into(),
            size_bytes,
            pixels: None,
            turned: false,
        }
    }

    #[test]
    fn everything_a_model_cannot_do_is_said_at_once_with_what_it_can() {
        let catalogue = Catalogue::built_in().unwrap();
        let lite = catalogue.image_model("gemini-3.1-flash-lite-image").unwrap().model;
        let mut references = vec![reference("image/png", 1_000_000); 15];
        references.push(reference("video/mp4", 7_000_001));
        let prompt = "가".repeat(4_001);
        let ask = Ask {
            prompt: &prompt,
            aspect_ratio: "1:8".parse().unwrap(),
            image_size: Some("2K"),
            references: &references,
        };
        let problems: Vec<_> =
            lite.check(&ask).into_iter().map(|problem| (problem.field.pointer(), problem.detail)).collect();
        let expected = [
            ("/prompt", "gemini-3.1-flash-lite-image takes prompts of up to 4000 characters; this one has 4001"),
            ("/aspectRatio", "gemini-3.1-flash-lite-image draws 21:9, 16:9, 4:3, 3:2, 5:4, 1:1, 9:16, 3:4, 2:3, 4:5"),
            ("/imageSize", "gemini-3.1-flash-lite-image draws 1K"),
            ("/inputFileIds", "gemini-3.1-flash-lite-image takes up to 14 reference images, not 16"),
            ("/inputFileIds/15", "gemini-3.1-flash-lite-image takes image/png, image/jpeg, image/webp as references"),
            ("/inputFileIds/15", "gemini-3.1-flash-lite-image takes reference images of up to 7000000 bytes each"),
            (
                "/inputFileIds",
                "gemini-3.1-flash-lite-image takes reference images of up to 14000000 bytes together, not 22000001",
            ),
        ];
        assert_eq!(problems, expected.map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned())));
    }

    #[test]
    fn auto_takes_another_model_when_the_default_cannot() {
        let catalogue = Catalogue::built_in().unwrap();
        let chosen = |ratio: &str, available: bool| {
            let ask = Ask { prompt: "x", aspect_ratio: ratio.parse().unwrap(), image_size: None, references: &[] };
            catalogue.choose(&ask, |_| available, |_| true).map(|model| model.id.to_string())
        };
        assert_eq!(chosen("16:9", true).unwrap(), "gemini-3-pro-image");
        assert_eq!(chosen("1:8", true).unwrap(), "gemini-nano-banana-2.1");
        assert!(chosen("7:1", true).unwrap_err().iter().any(|problem| problem.detail.contains("21:9")));
        assert_eq!(chosen("16:9", false), Err(vec![Problem::no_provider()]));
    }

    #[test]
    fn auto_passes_over_the_unhealthy_while_somebody_else_can() {
        let catalogue = Catalogue::built_in().unwrap();
        let chosen = |ratio: &str, healthy: &dyn Fn(&ImageModel) -> bool| {
            let ask = Ask { prompt: "x", aspect_ratio: ratio.parse().unwrap(), image_size: None, references: &[] };
            catalogue.choose(&ask, |_| true, healthy).map(|model| model.id.to_string()).unwrap()
        };
        let but_gemini = |model: &ImageModel| model.provider.as_str() != "gemini";
        assert_eq!(chosen("16:9", &but_gemini), "seedream-4-5-251128");
        assert_eq!(chosen("16:9", &|model| model.id.as_str() != "gemini-3-pro-image"), "gemini-3.1-flash-lite-image");
        assert_eq!(chosen("1:8", &but_gemini), "gemini-nano-banana-2.1", "nobody else can");
        assert_eq!(chosen("16:9", &|_| false), "gemini-3-pro-image", "all are ill: the first who can");
    }

    #[test]
    fn the_alternatives_are_one_of_each_other_provider_that_can() {
        let catalogue = Catalogue::built_in().unwrap();
        let others = |ratio: &str, chosen: &str| {
            let ask = Ask { prompt: "x", aspect_ratio: ratio.parse().unwrap(), image_size: None, references: &[] };
            let available = |provider: &toonmill_domain::ProviderId| provider.as_str() != "nobody";
            let found = catalogue.alternatives(&ask, &chosen.parse().unwrap(), available);
            found.iter().map(|model| model.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(others("16:9", "gemini"), ["seedream-4-5-251128", "gpt-image-2"]);
        assert_eq!(others("16:9", "seedream"), ["gemini-3-pro-image", "gpt-image-2"]);
        assert_eq!(others("1:8", "gemini"), Vec::<String>::new());
    }
}
