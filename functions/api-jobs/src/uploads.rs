//! `POST /api/v1/uploads`: a place for a file, and the link by which exactly it can be put there.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use toonmill_cloud::blobs::LINK_LIFETIME;
use toonmill_flows::inputs::LARGEST_UPLOAD_BYTES;
use toonmill_http_api::{Caller, FieldError, JsonBody, Problem};

use crate::App;

/// What may be uploaded: the extensions of each type. Videos are kept, and are no inputs of pictures.
const TYPES: [(&str, &[&str]); 5] = [
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/webp", &["webp"]),
    ("video/mp4", &["mp4"]),
    ("video/webm", &["webm"]),
];
const LONGEST_NAME: usize = 255;

struct Wanted {
    extension: &'static str,
    mime_type: &'static str,
    size_bytes: u64,
}

/// Makes a place for an upload.
pub(crate) async fn begin(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let wanted = read(&body)?;
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let upload =
        app.inputs.begin_upload(&caller.account, wanted.extension, wanted.mime_type, wanted.size_bytes).await?;
    // A client sets the host by itself and could not set another.
    let headers = upload.link.headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
    let headers: Map<String, Value> = headers.map(|(name, value)| (name, value.into())).collect();
    let answer = json!({
        "fileId": upload.file,
        "uploadUrl": upload.link.url,
        "method": "PUT",
        "headers": headers,
        "expiresAt": links_end.to_rfc3339(),
        "fileExpiresAt": upload.expires_at.to_rfc3339(),
    });
    let location = [(header::LOCATION, format!("/api/v1/files/{}", upload.file))];
    Ok((StatusCode::CREATED, location, Json(answer)).into_response())
}

fn read(body: &Value) -> Result<Wanted, Problem> {
    let mut problems = Vec::new();
    if !body.is_object() {
        return Err(Problem::invalid(vec![FieldError::new("", "must be an object")]));
    }
    let mut complain = |pointer: &str, detail: String| problems.push(FieldError::new(pointer, detail));
    let member = |names: [&str; 3]| names.into_iter().find_map(|name| body.get(name));

    let name = member(["fileName", "file_name", "file-name"]).and_then(Value::as_str);
    let name = name.filter(|name| name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control));
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
    let known = extension.as_deref().and_then(|extension| {
        let of_type = |(mime, all): &(&'static str, &'static [&'static str])| {
            all.iter().find(|known| **known == extension).map(|known| (*mime, *known))
        };
        TYPES.iter().find_map(of_type)
    });
    if known.is_none() {
        complain("/fileName", "must be a name that ends in .jpg, .jpeg, .png, .webp, .mp4 or .webm".to_owned());
    }
    let mime = member(["mimeType", "mime_type", "mime-type"]).and_then(Value::as_str).map(str::to_ascii_lowercase);
    match (&mime, known) {
        (Some(mime), Some((expected, _))) if mime != expected => {
            complain("/mimeType", format!("must be {expected}, as the file's name says"));
        }
        (Some(mime), None) if !TYPES.iter().any(|(known, _)| known == mime) => {
            complain("/mimeType", format!("must be one of {}", TYPES.map(|(mime, _)| mime).join(", ")));
        }
        (Some(_), _) => {}
        (None, _) => complain("/mimeType", format!("must be one of {}", TYPES.map(|(mime, _)| mime).join(", "))),
    }
    let size = member(["sizeBytes", "size_bytes", "size-bytes"]).and_then(Value::as_u64);
    let size = size.filter(|size| (1..=LARGEST_UPLOAD_BYTES).contains(size));
    if size.is_none() {
        complain("/sizeBytes", format!("must be a whole number from 1 to {LARGEST_UPLOAD_BYTES}"));
    }
    if let Some(sha256) = body.get("sha256").filter(|value| !value.is_null()) {
        let is_hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !sha256.as_str().is_some_and(is_hex) {
            complain("/sha256", "must be 64 hexadecimal digits".to_owned());
        }
    }
    match (known, size) {
        (Some((mime_type, extension)), Some(size_bytes)) if problems.is_empty() => {
            Ok(Wanted { extension, mime_type, size_bytes })
        }
        _ => Err(Problem::invalid(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uploads_name_type_and_size_must_agree_with_the_list() {
        let read = |name: Value, mime: Value, size: Value| {
            read(&json!({ "fileName": name, "mimeType": mime, "sizeBytes": size }))
        };
        let good = read("Hero.JPG".into(), "image/jpeg".into(), 1.into()).unwrap();
        assert_eq!((good.extension, good.mime_type, good.size_bytes), ("jpg", "image/jpeg", 1));
        for (name, mime, size) in [
            ("hero.png", "image/jpeg", json!(1)),
            ("hero.gif", "image/gif", json!(1)),
            ("png", "image/png", json!(1)),
            ("hero.png", "image/png", json!(0)),
            ("hero.png", "image/png", json!(LARGEST_UPLOAD_BYTES + 1)),
            ("hero.png", "image/png", json!("1")),
        ] {
            assert!(read(name.into(), mime.into(), size.clone()).is_err(), "{name} {mime} {size}");
        }
        assert!(super::read(&json!([])).is_err());
    }
}
