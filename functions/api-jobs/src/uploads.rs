//! `POST /api/v1/uploads`: a place for a file, and the link by which exactly it can be put there.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use toonmill_cloud::blobs::LINK_LIFETIME;
use toonmill_flows::inputs::{LARGEST_UPLOAD_BYTES, NewUpload};
use toonmill_http_api::{Caller, JsonBody, Problem};
use toonmill_orders::{invalid, too_much};
use toonmill_plans::{Findings, media::media_type, reader::Fields};

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

/// Makes a place for an upload.
pub(crate) async fn begin(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let new = read(&body)?;
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let upload = app.desk.inputs.begin_upload(&caller.account, new).await?.map_err(too_much)?;
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

fn read(body: &Value) -> Result<NewUpload, Problem> {
    let findings = Findings::default();
    let wanted = Fields::of(body, "", &findings).and_then(|fields| read_fields(&fields));
    let problems = findings.into_vec();
    match wanted {
        Some(wanted) if problems.is_empty() => Ok(wanted),
        _ => Err(invalid(problems)),
    }
}

fn read_fields(fields: &Fields<'_>) -> Option<NewUpload> {
    let name = fields.require(fields.text("fileName"));
    let known = name.value.and_then(of_extension);
    let problem = name.value.and_then(|name| {
        let length = name.chars().count();
        if length > LONGEST_NAME {
            return Some(format!("must have at most {LONGEST_NAME} characters, not {length}"));
        }
        if name.chars().any(char::is_control) {
            return Some("must have no control characters".to_owned());
        }
        known.is_none().then(|| "must be a name that ends in .jpg, .jpeg, .png, .webp, .mp4 or .webm".to_owned())
    });
    let has_name = problem.is_none();
    if let Some(problem) = problem {
        fields.problem(&name.pointer, problem);
    }
    let mime = fields.require(fields.text("mimeType"));
    let given = mime.value.map(media_type);
    match (&given, known) {
        (Some(given), Some((expected, _))) if given != expected => {
            fields.problem(&mime.pointer, format!("must be {expected}, as the file's name says"));
        }
        (Some(given), None) if !TYPES.iter().any(|(known, _)| known == given) => {
            fields.problem(&mime.pointer, format!("must be one of {}", TYPES.map(|(known, _)| known).join(", ")));
        }
        _ => {}
    }
    let most = u32::try_from(LARGEST_UPLOAD_BYTES).unwrap_or(u32::MAX);
    let size = fields.require(fields.integer("sizeBytes", 1, most));
    let sha256 = fields.choice("sha256");
    let is_hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if sha256.value.is_some_and(|text| !is_hex(text)) {
        fields.problem(&sha256.pointer, "must be 64 hexadecimal digits");
    }
    let (mime_type, extension) = known.filter(|_| has_name)?;
    let sha256 = sha256.value.map(str::to_ascii_lowercase);
    Some(NewUpload { extension, mime_type, size_bytes: u64::from(size.value?), sha256 })
}

/// The type that a name's extension stands for, and the extension as we spell it.
fn of_extension(name: &str) -> Option<(&'static str, &'static str)> {
    let extension = name.trim_end().rsplit_once('.')?.1.to_ascii_lowercase();
    TYPES.iter().find_map(|(mime, all)| Some((*mime, *all.iter().find(|known| **known == extension)?)))
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
        for mime in ["IMAGE/JPEG", "image/jpg", "image/pjpeg", " image/jpeg; charset=utf-8"] {
            let good = read("hero.jpg".into(), mime.into(), 1.into()).unwrap();
            assert_eq!(good.mime_type, "image/jpeg", "{mime:?}");
        }
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
