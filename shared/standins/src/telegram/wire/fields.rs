//! A request's parameters, whichever of the ways they came: in the address, as a form, as JSON, or as a form with files.
//! A nested object may be an object or the text of one; a number may be a text too.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{ApiError, Picture, PictureError};
use crate::form;

/// A file of a request.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) picture: Result<Picture, PictureError>,
}

impl Upload {
    /// Looks into a file, which takes a processor a while if it is a picture.
    pub(crate) fn read(file_name: String, media_type: String, bytes: Bytes) -> Self {
        let picture = Picture::read(&bytes);
        Self { file_name, media_type, bytes, picture }
    }
}

/// The parameters of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    pub(crate) values: Map<String, Value>,
    /// By the names of their parts.
    pub(crate) uploads: BTreeMap<String, Upload>,
}

impl From<Map<String, Value>> for Fields {
    fn from(values: Map<String, Value>) -> Self {
        Self { values, uploads: BTreeMap::new() }
    }
}

impl Fields {
    /// Reads a request. It decodes the pictures among the files, and so takes a processor a while.
    pub(crate) fn read(query: &str, content_type: &str, body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Self::default();
        fields.add_pairs(query.as_bytes());
        let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        match kind.trim().to_ascii_lowercase().as_str() {
            "application/json" if !body.is_empty() => {
                let values: Map<String, Value> = serde_json::from_slice(body)
                    .map_err(|_| ApiError::bad("can't parse request body as JSON object"))?;
                fields.values.extend(values);
            }
            "multipart/form-data" => fields.add_parts(parameters, body)?,
            "application/x-www-form-urlencoded" => fields.add_pairs(body),
            _ => {}
        }
        Ok(fields)
    }

    fn add_pairs(&mut self, text: &[u8]) {
        let pairs = url::form_urlencoded::parse(text);
        self.values.extend(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))));
    }

    fn add_parts(&mut self, parameters: &str, body: &[u8]) -> Result<(), ApiError> {
        let parts = form::parts(parameters, body).ok_or_else(|| ApiError::bad("can't parse multipart body"))?;
        for part in parts {
            if let Some(file_name) = part.file_name {
                let media_type = part.media_type.unwrap_or("application/octet-stream").to_owned();
                let upload = Upload::read(file_name.into_owned(), media_type, Bytes::copy_from_slice(part.content));
                self.uploads.insert(part.name.to_owned(), upload);
            } else {
                let text = String::from_utf8(part.content.to_vec());
                let text = text.map_err(|_| ApiError::bad("strings must be encoded in UTF-8"))?;
                self.values.insert(part.name.to_owned(), Value::String(text));
            }
        }
        Ok(())
    }

    /// A value that is there and is not null.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.value(name)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// Nothing and an empty text are no number; what else is none is refused.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.text(name) {
            Some(text) if !text.is_empty() => {
                text.trim().parse().map(Some).map_err(|_| ApiError::bad(format!("invalid {name} specified")))
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(flag)) => *flag,
            _ => self.text(name).is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true")),
        }
    }

    /// An object or a list.
    pub(crate) fn parsed<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let parsed = match self.value(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(value) => serde_json::from_value(value.clone()),
        };
        parsed.map(Some).map_err(|error| ApiError::bad(format!("can't parse {name}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parameters_come_in_three_encodings_and_in_the_address() {
        let form = "chat_id=42&text=%3Cb%3E%EC%95%88+%26&reply_parameters=%7B%22message_id%22%3A+7%7D&silent=True";
        let json = r#"{"chat_id": 42, "text": "<b>안 &", "reply_parameters": {"message_id": 7}, "silent": true}"#;
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let multipart = [
            part("chat_id", "42"),
            part("text", "<b>안 &"),
            part("reply_parameters", "{\"message_id\": 7}"),
            part("silent", "true"),
            "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"; \
             filename*=utf-8''%EA%B7%B8.png\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n--x--\r\n"
                .to_owned(),
        ]
        .concat();
        for (query, content_type, body) in [
            ("", "application/x-www-form-urlencoded", form),
            ("", "application/json; charset=utf-8", json),
            ("", "multipart/form-data; boundary=x", multipart.as_str()),
            (form, "", ""),
        ] {
            let fields = Fields::read(query, content_type, body.as_bytes()).unwrap();
            assert_eq!(fields.integer("chat_id"), Ok(Some(42)), "{content_type}");
            assert_eq!(fields.text("text").as_deref(), Some("<b>안 &"));
            let reply: Value = fields.parsed("reply_parameters").unwrap().unwrap();
            assert_eq!(reply["message_id"], 7);
            assert!(fields.flag("silent") && !fields.flag("other"));
            if let Some(photo) = fields.uploads.get("photo") {
                assert_eq!((photo.file_name.as_str(), photo.bytes.as_ref()), ("그.png", &[1_u8][..]));
            }
        }
        assert!(Fields::read("", "application/json", b"[1]").is_err());
        assert!(Fields::read("", "multipart/form-data; boundary=x", b"--x").is_err());
    }
}
