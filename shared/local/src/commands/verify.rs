//! `cargo local verify RECEIPT FOLDER`: checks a receipt and the pictures it is of, with nothing but public keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Url};
use sha2::{Digest as _, Sha256};
use toonmill_receipts::{PublicKeys, Receipt, inspect};

use super::demo::download::{SHEET, place_of};
use crate::cli::VerifyArgs;

/// What a demo calls them.
pub(crate) const RECEIPT: &str = "receipt.json";
pub(crate) const KEYS: &str = "toonmill-keys.json";
const PUBLISHED: &str = "/.well-known/toonmill-keys.json";

pub(crate) async fn run(args: VerifyArgs) -> Result<ExitCode> {
    let keys = match &args.keys {
        Some(from) if from.starts_with("http://") || from.starts_with("https://") => fetch(from).await?,
        Some(file) => read(Path::new(file))?,
        None => read(&args.receipt.with_file_name(KEYS))?,
    };
    let receipt = read(&args.receipt)?;
    let verified = verify(&receipt, &keys, &args.folder)?;
    for line in &verified.wrong {
        println!("wrong: {line}");
    }
    println!("{}", verified.summary);
    Ok(if verified.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Debug)]
pub(crate) struct Verified {
    /// One line for each thing that is wrong.
    pub(crate) wrong: Vec<String>,
    pub(crate) summary: String,
}

/// Signature, counts and credits of the receipt, and the bytes of every picture in the folder.
pub(crate) fn verify(receipt: &str, keys: &str, folder: &Path) -> Result<Verified> {
    let keys = PublicKeys::parse(Some(keys)).context("the public keys cannot be used")?;
    let inspected = inspect(receipt, &keys)?;
    let mut wrong: Vec<_> = inspected.wrong.iter().map(ToString::to_string).collect();
    wrong.extend(compare(&inspected.receipt, folder)?);
    let Receipt { job, status, stored, requested, credits, .. } = &inspected.receipt;
    let verdict = match wrong.len() {
        0 => "receipt verified".to_owned(),
        1 => "receipt NOT verified, for 1 reason".to_owned(),
        reasons => format!("receipt NOT verified, for {reasons} reasons"),
    };
    let summary = format!(
        "{verdict}: job {job}, {status}, {stored}/{requested} images, credits held {} = captured {} + released {}, key {}",
        credits.held, credits.captured, credits.released, inspected.key_id
    );
    Ok(Verified { wrong, summary })
}

/// What is wrong with the pictures: those that were changed, those that are missing and those that nobody paid for.
fn compare(receipt: &Receipt, folder: &Path) -> Result<Vec<String>> {
    let mut expected: BTreeMap<(u64, u64), &str> = BTreeMap::new();
    for stage in &receipt.stages {
        let slots =
            stage.slots.iter().map(|slot| ((u64::from(stage.index), u64::from(slot.slot)), slot.sha256.as_str()));
        expected.extend(slots);
    }
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for path in files(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let place = place_of(path.strip_prefix(folder).unwrap_or(&path));
        match place.and_then(|place| Some((place, expected.get(&place)?))) {
            None => wrong.push(format!("{name} is not on the receipt")),
            Some((place, _)) if !seen.insert(place) => wrong.push(format!("{name} is a second picture of its slot")),
            Some((_, sha256)) => {
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let found = hex::encode(Sha256::digest(&bytes));
                if found != **sha256 {
                    wrong.push(format!("{name} has the sha256 {found}, not {sha256}"));
                }
            }
        }
    }
    let missing = expected.keys().filter(|place| !seen.contains(place));
    wrong.extend(missing.map(|(stage, slot)| format!("the picture of stage {stage} slot {slot} is missing")));
    Ok(wrong)
}

/// Every file of the folder but those that a demo writes beside its pictures.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))? {
            let path = entry?.path();
            let is_beside = next == folder && [RECEIPT, KEYS, SHEET].iter().any(|name| path.ends_with(name));
            if path.is_dir() {
                folders.push(path);
            } else if !is_beside {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The key set at an address; of an address without a path, the one that the API publishes there.
async fn fetch(url: &str) -> Result<String> {
    let mut url: Url = url.parse().with_context(|| format!("{url} is no address"))?;
    if url.path() == "/" {
        url.set_path(PUBLISHED);
    }
    // A proxy is for addresses that are not on this machine.
    let is_here = url.host_str().is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    let client = Client::builder();
    let client = if is_here { client.no_proxy() } else { client }.build()?;
    let answer = client.get(url.clone()).send().await.with_context(|| format!("cannot fetch {url}"))?;
    ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
    Ok(answer.text().await?)
}

#[cfg(test)]
mod tests;
