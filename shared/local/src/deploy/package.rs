//! Builds the functions and makes Lambda packages of them: a zip with one executable called `bootstrap`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::template::{Function, Template};
use crate::workspace::Workspace;

/// A function's package on disk. The name holds the hash of the executable.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) logical_id: String,
    pub(crate) zip: PathBuf,
}

impl Package {
    pub(crate) fn key(&self) -> String {
        let name = self.zip.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Builds with the profile that tests use too, so that nothing is compiled twice.
///
/// All binaries of the workspace at once: cargo unifies the features of what it builds together, and another
/// selection could mean other features, hence other builds of the same crates.
pub(crate) async fn build(workspace: &Workspace, template: &Template) -> Result<BTreeMap<String, PathBuf>> {
    let output = Command::new("cargo")
        .args(["build", "--workspace", "--bins", "--message-format", "json-render-diagnostics"])
        .current_dir(&workspace.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the functions do not compile");
    }
    let messages = String::from_utf8(output.stdout)?;
    let built: BTreeMap<String, PathBuf> = messages.lines().filter_map(executable).collect();
    for function in &template.functions {
        if !built.contains_key(&function.binary) {
            bail!("template.yaml names the binary {}, which no package builds", function.binary);
        }
    }
    Ok(built)
}

fn executable(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = message.get("executable")?.as_str()?;
    let name = message.get("target")?.get("name")?.as_str()?;
    Some((name.to_owned(), path.into()))
}

/// Zips what has changed since the last time.
pub(crate) async fn package(
    workspace: &Workspace,
    template: &Template,
    built: &BTreeMap<String, PathBuf>,
) -> Result<Vec<Package>> {
    let folder = workspace.packages();
    fs::create_dir_all(&folder)?;
    let packing = template.functions.iter().map(|function| {
        let (folder, function, executable) = (folder.clone(), function.clone(), built.get(&function.binary).cloned());
        spawn_blocking(move || package_one(&folder, &function, &executable.context("not built")?))
    });
    let mut packages = Vec::new();
    for package in packing.collect::<Vec<_>>() {
        packages.push(package.await??);
    }
    Ok(packages)
}

fn package_one(folder: &Path, function: &Function, executable: &Path) -> Result<Package> {
    let code = fs::read(executable).with_context(|| format!("cannot read {}", executable.display()))?;
    let hash = Sha256::digest(&code);
    let tag = hex::encode(hash.get(..8).unwrap_or_default());
    let zip = folder.join(format!("{}-{tag}.zip", function.binary));
    if !zip.exists() {
        remove_older(folder, &function.binary)?;
        let stripped = folder.join(format!("{}.stripped", function.binary));
        let code = if strip(executable, &stripped) { fs::read(&stripped)? } else { code };
        let _ = fs::remove_file(&stripped);
        // Under another name until it is whole: an interrupted run must leave no package that looks finished.
        let partial = zip.with_extension("partial");
        write_zip(&partial, &code)?;
        fs::rename(&partial, &zip)?;
    }
    Ok(Package { logical_id: function.logical_id.clone(), zip })
}

/// Half of a debug build is symbols. Where there is no `strip` the package is only larger.
fn strip(from: &Path, to: &Path) -> bool {
    let status = process::Command::new("strip").arg("-o").args([to, from]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn write_zip(path: &Path, code: &[u8]) -> Result<()> {
    let mut zip = ZipWriter::new(File::create(path)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(code)?;
    zip.finish()?;
    Ok(())
}

fn remove_older(folder: &Path, binary: &str) -> io::Result<()> {
    let prefix = format!("{binary}-");
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // `api-jobs-` must not match `api-jobs-v2-…`: what follows is the hash alone.
        let tag = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".zip"));
        if tag.is_some_and(|tag| tag.len() == 16 && !tag.contains('-')) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use zip::ZipArchive;

    use super::*;

    #[test]
    fn a_package_is_one_executable_called_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.zip");
        write_zip(&path, b"code").unwrap();
        let mut zip = ZipArchive::new(File::open(path).unwrap()).unwrap();
        assert_eq!(zip.len(), 1);
        let file = zip.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
    }

    #[test]
    fn only_older_packages_of_the_same_function_go() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["api-jobs-0123456789abcdef.zip", "api-jobs-v2-0123456789abcdef.zip", "sweep-0123456789abcdef.zip"];
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        remove_older(folder.path(), "api-jobs").unwrap();
        let left: Vec<_> = names.iter().filter(|name| folder.path().join(name).exists()).collect();
        assert_eq!(left, [&names[1], &names[2]]);
    }

    #[test]
    fn cargo_tells_where_the_executables_are() {
        let line =
            r#"{"reason":"compiler-artifact","target":{"name":"sweep","kind":["bin"]},"executable":"/t/debug/sweep"}"#;
        assert_eq!(executable(line), Some(("sweep".to_owned(), "/t/debug/sweep".into())));
        assert_eq!(executable(r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":null}"#), None);
        assert_eq!(executable("not json"), None);
    }
}
