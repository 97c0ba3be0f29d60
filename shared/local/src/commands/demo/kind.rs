//! `cargo local demo --kind NAME`: an endpoint, tried with its sample from `events/requests/NAME.json`.
//!
//! A sample is a list of requests. In the strings of one, `upload:FILE` stands for the id of that file, once uploaded, and
//! `${0/fileId}` for what the answer to the first request has at that pointer (RFC 6901). The last request is the endpoint's
//! own; what it drew is put into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::input::Input;

/// One request of a sample.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    post: Option<String>,
    get: Option<String>,
    #[serde(default)]
    body: Value,
}

#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: String,
    requests: Vec<Request>,
    events: PathBuf,
}

impl Sample {
    /// The sample of this name among those in `events/requests`.
    pub(super) fn load(events: &Path, name: &str) -> Result<Self> {
        let known = names(events)?;
        ensure!(known.iter().any(|known| known == name), "there is no kind {name}; there are {}", known.join(", "));
        let path = events.join("requests").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let requests = serde_json::from_str(&text).with_context(|| format!("{} is no sample", path.display()))?;
        Ok(Self { name: name.to_owned(), requests, events: events.to_owned() })
    }

    /// Makes the requests in their order. The answer is the last one's.
    pub(super) async fn run(self, api: &Api) -> Result<Value> {
        let mut answers = Vec::new();
        for Request { post, get, body } in self.requests {
            let body = filled(&body, &answers)?;
            let answer = match (post, get) {
                (Some(path), None) => {
                    let mut input = Input::of(body, &self.events);
                    input.upload(api).await?;
                    let path = filled_text(&path, &answers)?;
                    eprintln!("POST {path} {}", input.body);
                    api.held(&path, &input.body).await?
                }
                (None, Some(path)) => {
                    let path = filled_text(&path, &answers)?;
                    eprintln!("GET {path}");
                    api.read(&path).await?
                }
                _ => bail!("a request of the sample {} is neither a post nor a get", self.name),
            };
            answers.push(answer);
        }
        answers.pop().with_context(|| format!("the sample {} has no request", self.name))
    }
}

/// The names of all samples.
pub(super) fn names(events: &Path) -> Result<Vec<String>> {
    let (folder, mut names) = (events.join("requests"), Vec::new());
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

/// A body with what it takes of the answers before it. A string that is nothing but a place becomes what is there, of
/// whatever type.
fn filled(body: &Value, answers: &[Value]) -> Result<Value> {
    Ok(match body {
        Value::String(text) => match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(place) if !place.contains('}') => at(place, answers)?.clone(),
            _ => filled_text(text, answers)?.into(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, answers)).collect::<Result<_>>()?,
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| Ok((name.clone(), filled(member, answers)?)))
            .collect::<Result<serde_json::Map<_, _>>>()?
            .into(),
        plain => plain.clone(),
    })
}

fn filled_text(text: &str, answers: &[Value]) -> Result<String> {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').with_context(|| format!("a place in {text} has no end"))?;
        match at(place, answers)? {
            Value::String(found) => filled.push_str(found),
            other => filled.push_str(&other.to_string()),
        }
        filled.push_str(rest);
    }
    Ok(filled)
}

fn at<'a>(place: &str, answers: &'a [Value]) -> Result<&'a Value> {
    let (number, pointer) = place.split_at(place.find('/').unwrap_or(place.len()));
    let answer = number.parse().ok().and_then(|number: usize| answers.get(number));
    let found = answer.and_then(|answer| answer.pointer(pointer));
    found.with_context(|| format!("no answer has anything at ${{{place}}}"))
}

/// Puts every picture that an answer has into `folder`, and says where.
pub(super) async fn save_pictures(api: &Api, answer: &Value, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for source in pictures(api, answer).await? {
        let bytes = match source.split_once(";base64,") {
            Some((_, data)) => BASE64_STANDARD.decode(data).context("a data URL is not base64")?,
            None => api.download(&source).await?,
        };
        let kind = image::guess_format(&bytes).context("what the answer links to is no picture")?;
        let extension = kind.extensions_str().first().copied().unwrap_or("bin");
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{:02}.{extension}", paths.len()));
        fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

/// The pictures of an answer: its own, those of its list, or those of the files that it names.
async fn pictures(api: &Api, answer: &Value) -> Result<Vec<String>> {
    let link = |value: &Value| {
        let links = ["fileUrl", "imageUrl", "presignedUrl", "url"].iter().filter_map(|name| value.get(name)?.as_str());
        links.map(str::to_owned).next()
    };
    let list = ["images", "data"].iter().find_map(|name| answer.get(name)?.as_array());
    let mut found: Vec<_> = match list {
        Some(entries) => entries.iter().filter_map(link).collect(),
        None => link(answer).into_iter().collect(),
    };
    if found.is_empty() {
        for file in answer.get("fileIds").and_then(Value::as_array).into_iter().flatten() {
            let id = file.as_str().context("a file's id is text")?;
            found.extend(link(&api.read(&format!("/api/v1/files/{id}")).await?));
        }
    }
    Ok(found)
}

/// An answer without the pictures in it, to be read by people.
pub(super) fn without_data(answer: &Value) -> Value {
    const LONGEST: usize = 200;
    match answer {
        Value::String(text) if text.chars().count() > LONGEST && !text.contains(char::is_whitespace) => {
            format!("{}… ({} bytes)", text.chars().take(40).collect::<String>(), text.len()).into()
        }
        Value::Array(items) => items.iter().map(without_data).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), without_data(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_become_what_the_answers_have() {
        let answers = [json!({"fileId": "f-1", "saved": ["a", "b"]}), json!({"cuts": [{"index": 3}]})];
        let body = json!({"fileId": "${0/fileId}", "ids": "${0/saved}", "cut": "${1/cuts/0/index}", "n": 5, "all": ["x-${0/saved/1}"]});
        let expected = json!({"fileId": "f-1", "ids": ["a", "b"], "cut": 3, "n": 5, "all": ["x-b"]});
        assert_eq!(filled(&body, &answers).unwrap(), expected);
        assert_eq!(filled_text("/a/${0/fileId}/${1/cuts/0/index}", &answers).unwrap(), "/a/f-1/3");
        for wrong in ["${2/fileId}", "${0/none}", "${x/fileId}", "a ${0/fileId"] {
            assert!(filled_text(wrong, &answers).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_sample_can_be_read_and_an_unknown_one_names_them_all() {
        let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
        let names = names(&events).unwrap();
        assert!(names.len() >= 12, "{names:?}");
        for name in &names {
            let sample = Sample::load(&events, name).unwrap();
            assert!(!sample.requests.is_empty(), "{name}");
            assert!(sample.requests.iter().all(|request| request.post.is_some() != request.get.is_some()), "{name}");
        }
        let unknown = Sample::load(&events, "../operator-grant").unwrap_err().to_string();
        assert!(unknown.ends_with(&names.join(", ")), "{unknown}");
    }

    #[test]
    fn pictures_are_left_out_of_what_is_shown() {
        let shown = without_data(&json!({"imageData": "A".repeat(500), "prompt": "two words ".repeat(50), "n": 1}));
        assert_eq!(shown["imageData"], format!("{}… (500 bytes)", "A".repeat(40)));
        assert!(shown["prompt"].as_str().unwrap().len() == 500 && shown["n"] == 1);
    }
}
