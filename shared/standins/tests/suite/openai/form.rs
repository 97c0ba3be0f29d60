//! Forms as clients write them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::world::{Answer, World};

pub(crate) const EDITS: &str = "/v1/images/edits";

/// A form of text fields and files, of which the first is the name of the field.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("Content-Disposition: form-data; name=\"{name}\""), text.as_bytes())
    }

    pub(crate) fn file(self, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let head =
            format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"a\"\r\nContent-Type: {media_type}");
        self.part(&head, bytes)
    }

    pub(crate) fn part(mut self, head: &str, content: &[u8]) -> Self {
        self.0.extend([b"--xyz\r\n", head.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat());
        self
    }

    /// The recorded form, by another model.
    pub(crate) fn recorded(parts: &Value, model: &str) -> Self {
        parts.as_array().unwrap().iter().fold(Self::default(), |form, part| {
            let headers = part["headers"].as_object().unwrap().iter();
            let lines: Vec<_> = headers.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap())).collect();
            let head = lines.join("\r\n");
            match part["text"].as_str() {
                Some(_) if head.contains("name=\"model\"") => form.part(&head, model.as_bytes()),
                Some(text) => form.part(&head, text.as_bytes()),
                None => form.part(&head, &BASE64_STANDARD.decode(part["base64"].as_str().unwrap()).unwrap()),
            }
        })
    }

    pub(crate) async fn send(self, world: &World) -> Answer {
        let body = [&*self.0, b"--xyz--\r\n"].concat();
        world.send(EDITS, "multipart/form-data; boundary=xyz", body).await
    }
}

/// The PNG of one pixel.
pub(crate) fn dot() -> Vec<u8> {
    let data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4IWcDAALUASNMnwvaAAAAAElFTkSuQmCC";
    BASE64_STANDARD.decode(data).unwrap()
}
