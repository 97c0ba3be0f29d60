//! The results of the webtoon endpoints: each endpoint has its own names for the picture that it drew.

use std::collections::HashMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use toonmill_cloud::{CloudError, blobs::LINK_LIFETIME, table::FileState};
use toonmill_domain::{Artifact, JobKind, Stage};

use crate::App;

/// The whole answer stays under 5 MB, of which this is left for pictures in base64. The rest is for links: a hundred of
/// them, signed with a role's session token, are 200 kB.
const DATA_BYTES: u64 = 4_500_000;

/// Whether pictures stand in the answer itself, or only links to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageData {
    Included,
    LeftOut,
}

/// One picture, as far as it still exists.
pub(super) struct Drawn<'a> {
    pub(super) artifact: &'a Artifact,
    link: Option<String>,
    base64: Option<String>,
}

/// The result's body: the first picture's, with all of them beside it where several were asked for. None if nothing was
/// drawn, and the endpoint has no way to say so.
pub(super) async fn result(
    app: &App,
    kind: JobKind,
    stages: &[Stage],
    data: ImageData,
) -> Result<Option<Value>, CloudError> {
    let slots = app.table.load_all_slots(stages).await?;
    let artifacts: Vec<_> =
        slots.values().flat_map(|slots| slots.values()).filter_map(|slot| slot.artifact.as_ref()).collect();
    let mut bodies = Vec::with_capacity(artifacts.len());
    for drawn in load(app, kind, &artifacts, data).await? {
        bodies.push(body(app, kind, &drawn));
    }
    let Some(mut first) = bodies.first().cloned() else {
        return Ok(says_success(kind).then(|| json!({ "success": false })));
    };
    if stages.iter().map(|stage| stage.quantity).sum::<u32>() > 1 {
        first.insert("images".to_owned(), bodies.into());
    }
    Ok(Some(first.into()))
}

/// Reads what there is to show, and the pictures themselves as long as there is room for them.
pub(super) async fn load<'a>(
    app: &App,
    kind: JobKind,
    artifacts: &[&'a Artifact],
    data: ImageData,
) -> Result<Vec<Drawn<'a>>, CloudError> {
    let ids: Vec<_> = artifacts.iter().map(|artifact| artifact.file).collect();
    let states: HashMap<_, _> =
        app.table.load_files(&ids).await?.into_iter().map(|file| (file.id, file.state)).collect();
    let times = members(kind).iter().map(|member| u64::from(member.has_data())).sum::<u64>();
    let (mut all, mut room) = (Vec::with_capacity(artifacts.len()), DATA_BYTES);
    for (index, artifact) in artifacts.iter().enumerate() {
        // It has expired, or its owner has deleted it.
        if states.get(&artifact.file) != Some(&FileState::Live) {
            all.push(Drawn { artifact, link: None, base64: None });
            continue;
        }
        // The first of several stands in the answer twice, and a preview's data once more as its URL.
        let is_first_of_many = index == 0 && artifacts.len() > 1;
        let needed = artifact.size_bytes.div_ceil(3) * 4 * (1 + u64::from(is_first_of_many)) * times;
        let base64 = if data == ImageData::Included && times > 0 && needed <= room {
            room -= needed;
            Some(BASE64_STANDARD.encode(app.blobs.get(&artifact.object_key, artifact.size_bytes).await?))
        } else {
            None
        };
        all.push(Drawn { artifact, link: Some(app.blobs.link(&artifact.object_key).await?), base64 });
    }
    Ok(all)
}

/// What an endpoint's result says of a picture, besides who drew it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Success,
    MimeType,
    FileId,
    /// A sheet's id is its file's.
    SheetId,
    FilePath,
    FileUrl,
    ImageUrl,
    /// As `imageUrl` too: the data in a held answer, and a link elsewhere.
    DataUrl,
    ImageData,
    /// An object of `base64` and `mimeType`.
    Image,
}

impl Member {
    /// Whether the picture itself stands in it.
    const fn has_data(self) -> bool {
        matches!(self, Self::DataUrl | Self::ImageData | Self::Image)
    }
}

const fn members(kind: JobKind) -> &'static [Member] {
    use Member::{DataUrl, FileId, FilePath, FileUrl, Image, ImageData, ImageUrl, MimeType, SheetId, Success};
    match kind {
        JobKind::GenerateCharacterImagePreview => &[Success, DataUrl, MimeType, ImageData],
        JobKind::GenerateCharacterImage => &[Success, SheetId, ImageUrl],
        JobKind::RegenerateImageBatch => &[Success, FileId, FilePath, FileUrl, MimeType],
        JobKind::StoryboardCutImage => &[ImageUrl, MimeType, FileId],
        JobKind::Convert3dCharacter => &[Success, Image, FileId, FilePath, FileUrl],
        JobKind::RegenerateImage => &[FileId, FilePath, FileUrl, ImageData, MimeType],
        _ => &[FileId, FileUrl, ImageData, MimeType],
    }
}

pub(super) fn body(app: &App, kind: JobKind, drawn: &Drawn<'_>) -> Map<String, Value> {
    let Drawn { artifact, link, .. } = drawn;
    let mut body = Map::new();
    for member in members(kind) {
        body.extend(written(*member, drawn).map(|(name, value)| (name.to_owned(), value)));
    }
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    match link {
        Some(_) => add("urlExpiresAt", json!(app.clock.now().plus(LINK_LIFETIME).to_rfc3339())),
        None => add("isGone", true.into()),
    };
    add("provider", json!(artifact.provider));
    add("model", json!(artifact.model_version.as_deref().unwrap_or(artifact.model.as_str())));
    add("elapsedMs", json!(artifact.elapsed_ms));
    body
}

/// A member by its name; none where it holds the data of a picture that there is no room for.
fn written(member: Member, drawn: &Drawn<'_>) -> Option<(&'static str, Value)> {
    let Drawn { artifact, link, base64 } = drawn;
    let mime_type = &artifact.mime_type;
    Some(match member {
        Member::Success => ("success", true.into()),
        Member::MimeType => ("mimeType", json!(mime_type)),
        Member::FileId => ("fileId", json!(artifact.file)),
        Member::SheetId => ("sheetId", json!(artifact.file)),
        Member::FilePath => ("filePath", json!(artifact.object_key)),
        Member::FileUrl => ("fileUrl", json!(link)),
        Member::ImageUrl => ("imageUrl", json!(link)),
        Member::DataUrl => {
            let data_url = base64.as_ref().map(|data| format!("data:{mime_type};base64,{data}"));
            ("imageUrl", json!(data_url.as_ref().or(link.as_ref())))
        }
        Member::ImageData => ("imageData", json!(base64.as_ref()?)),
        Member::Image => match base64 {
            Some(data) => ("image", json!({ "base64": data, "mimeType": mime_type })),
            None => ("image", json!({ "mimeType": mime_type })),
        },
    })
}

fn says_success(kind: JobKind) -> bool {
    members(kind).contains(&Member::Success)
}
