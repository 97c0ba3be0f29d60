//! Every image of a job, fetched by its link, checked byte by byte, and written in the order of stages and slots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::iter::repeat;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use image::RgbaImage;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;
use toonmill_lettering::contact_sheet::{Cell, Sheet, Stage, compose, thumbnail};

use super::api::{Api, Image, Job};
use crate::commands::verify::{KEYS, RECEIPT};

const AT_ONCE: usize = 8;
const CELL_PX: u32 = 400;
pub(crate) const SHEET: &str = "contact-sheet.png";

/// An image that is on disk, and what the contact sheet shows of it.
#[derive(Debug)]
pub(super) struct Picture {
    image: Image,
    thumbnail: RgbaImage,
}

pub(super) async fn all(api: &Api, id: &str, folder: &Path) -> Result<Vec<Picture>> {
    empty(folder)?;
    let mut images = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        // Links live for an hour, so each page is fetched before the next is asked for.
        let (page, next) = api.images(id, cursor.as_deref()).await?;
        let fetched = stream::iter(page).map(|image| fetch(api, image, folder)).buffered(AT_ONCE);
        images.extend(fetched.try_collect::<Vec<_>>().await?);
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(images),
        }
    }
}

/// Only what an earlier run has left there.
fn empty(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("stage-") && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    for name in [SHEET, RECEIPT, KEYS] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

async fn fetch(api: &Api, image: Image, folder: &Path) -> Result<Picture> {
    let name = format!("stage {} slot {}", image.stage, image.slot);
    let bytes = api.download(&image.url).await.with_context(|| name.clone())?;
    ensure!(bytes.len() as u64 == image.size_bytes, "{name} has {} bytes, not {}", bytes.len(), image.size_bytes);
    let sha256 = hex::encode(Sha256::digest(&bytes));
    ensure!(sha256 == image.sha256, "{name} has the sha256 {sha256}, not {}", image.sha256);
    let folder = folder.join(format!("stage-{}", image.stage));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{:03}.{}", image.slot, extension(&image.mime_type)?)), &bytes)?;
    let thumbnail = spawn_blocking(move || thumbnail(&bytes, CELL_PX)).await?.context(name)?;
    Ok(Picture { image, thumbnail })
}

/// The stage and slot of a picture, from where it lies in the folder: the other way round of `fetch`.
pub(crate) fn place_of(path: &Path) -> Option<(u64, u64)> {
    let mut parts = path.iter();
    let (stage, file) = (parts.next()?.to_str()?, Path::new(parts.next()?));
    let slot = file.file_stem()?.to_str()?.parse().ok()?;
    parts.next().is_none().then_some((stage.strip_prefix("stage-")?.parse().ok()?, slot))
}

fn extension(mime_type: &str) -> Result<&'static str> {
    match mime_type {
        "image/webp" => Ok("webp"),
        "image/png" => Ok("png"),
        "image/jpeg" => Ok("jpg"),
        other => bail!("an image of the type {other}"),
    }
}

/// One image for every slot that was asked for, in order, and no two of a stage with the same bytes.
pub(super) fn check(job: &Job, pictures: &[Picture]) -> Result<()> {
    let listed: Vec<_> = pictures.iter().map(|picture| (picture.image.stage, picture.image.slot)).collect();
    let wanted: Vec<_> = (0_u64..)
        .zip(&job.stages)
        .flat_map(|(stage, asked)| (0..asked.quantity).map(move |slot| (stage, slot)))
        .collect();
    ensure!(listed == wanted, "the images are not one for every slot in the order of stages and slots");
    let distinct: BTreeSet<_> =
        pictures.iter().map(|picture| (picture.image.stage, picture.image.sha256.as_str())).collect();
    ensure!(distinct.len() == pictures.len(), "two images of a stage have the same bytes");
    Ok(())
}

/// How many images each provider and model has drawn.
pub(super) fn by_provider(pictures: &[Picture]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for Picture { image, .. } in pictures {
        *counts.entry(format!("{} ({})", image.provider, image.model)).or_default() += 1;
    }
    counts
}

pub(super) fn contact_sheet(
    job: &Job,
    id: &str,
    prompts: &[String],
    pictures: Vec<Picture>,
    folder: &Path,
) -> Result<PathBuf> {
    let mut sheet = Sheet::new("Toonmill");
    sheet.subtitle = format!("job {id}");
    sheet.footer = format!("{}/{} images, {}", pictures.len(), job.requested(), job.status);
    let mut pictures: BTreeMap<_, _> =
        pictures.into_iter().map(|picture| ((picture.image.stage, picture.image.slot), picture)).collect();
    let prompts = prompts.iter().map(String::as_str).chain(repeat(""));
    for ((index, stage), prompt) in (0_u64..).zip(&job.stages).zip(prompts) {
        sheet.stages.push(Stage {
            heading: format!("Stage {index}"),
            count: format!("{} / {}", stage.stored, stage.quantity),
            caption: prompt.to_owned(),
            cells: (0..stage.quantity).map(|slot| cell(slot, pictures.remove(&(index, slot)))).collect(),
        });
    }
    let path = folder.join(SHEET);
    fs::write(&path, compose(&sheet)?)?;
    Ok(path)
}

/// A slot that has no image stays an empty frame.
fn cell(slot: u64, picture: Option<Picture>) -> Cell {
    let attempt = picture.as_ref().map_or(1, |picture| picture.image.attempt);
    Cell {
        label: format!("{slot:02}"),
        picture: picture.map(|picture| picture.thumbnail),
        badge: (attempt > 1).then(|| format!("try {attempt}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picture(stage: u64, slot: u64, sha256: &str) -> Picture {
        let image = json!({"stage": stage, "slot": slot, "url": "u", "sha256": sha256, "sizeBytes": 1, "mimeType": "image/webp"});
        Picture { image: serde_json::from_value(image).unwrap(), thumbnail: RgbaImage::new(1, 1) }
    }

    fn job() -> Job {
        serde_json::from_value(json!({"status": "COMPLETED", "stages": [{"quantity": 2}, {"quantity": 1}]})).unwrap()
    }

    #[test]
    fn every_slot_once_and_in_order_is_complete() {
        assert!(check(&job(), &[picture(0, 0, "a"), picture(0, 1, "b"), picture(1, 0, "a")]).is_ok());
    }

    #[test]
    fn a_missing_a_doubled_or_a_misplaced_image_is_noticed() {
        assert!(check(&job(), &[picture(0, 0, "a"), picture(0, 1, "b")]).is_err());
        assert!(check(&job(), &[picture(0, 0, "a"), picture(0, 0, "b"), picture(1, 0, "a")]).is_err());
        assert!(check(&job(), &[picture(0, 1, "a"), picture(0, 0, "b"), picture(1, 0, "c")]).is_err());
        assert!(check(&job(), &[picture(0, 0, "a"), picture(0, 1, "a"), picture(1, 0, "c")]).is_err());
    }
}
