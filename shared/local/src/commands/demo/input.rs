//! What the demo asks for: a job's body from a file, with `upload:FILE` where an uploaded file's id belongs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::api::Api;
use crate::cli::Wish;

const PLACEHOLDER: &str = "upload:";

#[derive(Debug)]
pub(super) struct Input {
    pub(super) body: Value,
    folder: PathBuf,
}

impl Input {
    pub(super) fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let body = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { body, folder })
    }

    /// A body whose files lie in `folder`.
    pub(super) fn of(body: Value, folder: &Path) -> Self {
        Self { body, folder: folder.to_owned() }
    }

    /// The prompts, stage by stage.
    pub(super) fn prompts(&self) -> Vec<String> {
        let stages = self.body.get("stages").and_then(Value::as_array);
        let prompt = |stage: &Value| stage.get("prompt")?.as_str().map(str::to_owned);
        stages.into_iter().flatten().map(|stage| prompt(stage).unwrap_or_default()).collect()
    }

    /// Has this provider draw the stages that do not name one. Where it may be any, others may take its place too.
    pub(super) fn wish_for(&mut self, wish: Wish) {
        let stages = self.body.get_mut("stages").and_then(Value::as_array_mut);
        for stage in stages.into_iter().flatten().filter_map(Value::as_object_mut) {
            stage.entry("provider").or_insert_with(|| wish.name().into());
            if wish == Wish::Auto {
                stage.entry("failover").or_insert_with(|| "after_rounds".into());
            }
        }
    }

    /// Uploads the files that the body names (beside it, under their own names) and puts their ids in their place.
    pub(super) async fn upload(&mut self, api: &Api) -> Result<usize> {
        let mut count = 0;
        for place in placeholders(&mut self.body) {
            let name = place.as_str().and_then(|text| text.strip_prefix(PLACEHOLDER)).unwrap_or_default().to_owned();
            let path = self.folder.join(&name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            *place = api.upload(&name, mime_type(&path)?, bytes).await?.into();
            count += 1;
        }
        Ok(count)
    }
}

fn placeholders(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::String(text) if text.starts_with(PLACEHOLDER) => vec![value],
        Value::Array(items) => items.iter_mut().flat_map(placeholders).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(placeholders).collect(),
        _ => Vec::new(),
    }
}

fn mime_type(path: &Path) -> Result<&'static str> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => Ok("image/png"),
        Some("webp") => Ok("image/webp"),
        Some("jpg" | "jpeg") => Ok("image/jpeg"),
        _ => anyhow::bail!("{} is no png, webp or jpg", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_texts_that_begin_with_upload_are_placeholders() {
        let mut body = json!({"stages": [{"prompt": "upload: x is a word", "inputFileIds": ["upload:a.png", "id"]}]});
        let found: Vec<_> = placeholders(&mut body).into_iter().map(|value| value.clone()).collect();
        assert!(found.contains(&json!("upload:a.png")));
        assert!(!found.contains(&json!("id")));
    }
}
