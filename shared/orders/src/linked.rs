//! Pictures that a request has links to: the caller's own objects are read from the bucket, those of other servers fetched
//! from the internet. Either becomes an upload of the caller's, so that no worker ever reads a foreign URL.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use toonmill_domain::FileId;
use toonmill_flows::inputs::LARGEST_INPUT_BYTES;
use toonmill_http_api::{Caller, Problem};
use toonmill_outbound::Limits;
use toonmill_plans::LinkedPicture;

use crate::Desk;

/// Links that are read at once.
const LINKS_AT_ONCE: usize = 4;
/// For one of them, and for all of a request: the gateway waits 30 s for the whole answer.
const TIME_OF_ONE: Duration = Duration::from_secs(8);
const TIME_OF_ALL: Duration = Duration::from_secs(15);
/// What the linked pictures of one request may have together, for the memory of the function.
const MOST_BYTES: usize = 64 << 20;
/// Bytes of an object's key (S3 user guide, object keys).
const LONGEST_KEY: usize = 1_024;
const ACCEPT: &str = "image/png, image/jpeg, image/webp";

/// The bytes of each linked picture, or why there are none.
pub(crate) async fn read(
    desk: &Desk,
    caller: &Caller,
    pictures: &[LinkedPicture],
) -> Result<BTreeMap<FileId, Result<Vec<u8>, String>>, Problem> {
    let end = Instant::now() + TIME_OF_ALL;
    // Several places of a request may have one link: they are one file.
    let urls: BTreeMap<_, _> = pictures.iter().map(|picture| (picture.file, picture.url.clone())).collect();
    let read = stream::iter(urls)
        .map(|(file, url)| async move {
            let bytes = match own_key(desk, &url).await? {
                Some(key) => own(desk, caller, key).await?,
                None => foreign(desk, &url, end).await,
            };
            Ok::<_, Problem>((file, bytes))
        })
        .buffer_unordered(LINKS_AT_ONCE);
    let mut read = std::pin::pin!(read);
    let (mut all, mut size) = (BTreeMap::new(), 0);
    while let Some((file, mut bytes)) = read.try_next().await? {
        size += bytes.as_ref().map_or(0, Vec::len);
        if size > MOST_BYTES {
            bytes = Err(format!("is too large beside the others: {MOST_BYTES} bytes together are the most"));
        }
        all.insert(file, bytes);
    }
    Ok(all)
}

/// The key of the object that this names, if it is a key, or a link of ours to an object.
async fn own_key<'a>(desk: &Desk, url: &'a str) -> Result<Option<&'a str>, Problem> {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    let key = plain.find("accounts/").and_then(|at| plain.get(at..)).filter(|key| key.len() <= LONGEST_KEY);
    let Some(key) = key else { return Ok(None) };
    // Ours is what our own link to this key looks like, whatever the bucket's address.
    let is_ours = key == plain || desk.blobs.link(key).await?.split('?').next() == Some(plain);
    Ok(is_ours.then_some(key))
}

async fn own(desk: &Desk, caller: &Caller, key: &str) -> Result<Result<Vec<u8>, String>, Problem> {
    let bytes = desk.inputs.own_object(key, &caller.account).await?;
    Ok(bytes.ok_or_else(|| "there is no such file".to_owned()))
}

async fn foreign(desk: &Desk, url: &str, end: Instant) -> Result<Vec<u8>, String> {
    let time = TIME_OF_ONE.min(end.saturating_duration_since(Instant::now()));
    let limits = Limits { bytes: usize::try_from(LARGEST_INPUT_BYTES).unwrap_or(usize::MAX), time };
    let fetched = desk.fetcher.fetch(url, ACCEPT, limits).await.map_err(|error| error.to_string())?;
    // What it is, its bytes say. A page with a picture in it is a common mistake, and deserves its own answer.
    let is_other = |mime: &String| !mime.starts_with("image/") && mime != "application/octet-stream";
    match fetched.mime_type.filter(is_other) {
        Some(_) => Err("is no link to a picture itself: its server sends something else".to_owned()),
        None => Ok(fetched.bytes),
    }
}
