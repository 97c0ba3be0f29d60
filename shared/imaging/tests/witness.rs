//! The JPEGs that the decoders are compared by, made anew: what is kept of them is what the generator writes, and what
//! libjpeg-turbo of the pinned Pillow makes of them.

#![expect(clippy::unwrap_used, reason = "what is not there is a test that fails")]

use std::{collections::BTreeMap, fs::File, io::Read, path::Path, process::Command};

use toonmill_python::{python, run};

/// The files of an archive: JPEGs as they are, and the pixels of PNGs, whose bytes depend on who packs them.
fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let count = archive.len();
    let read = |at: usize| {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let is_png = name.rsplit_once('.').is_some_and(|(_, extension)| extension == "png");
        let content = if is_png { image::load_from_memory(&bytes).unwrap().into_rgb8().into_raw() } else { bytes };
        (name, content)
    };
    (0..count).map(read).collect()
}

#[test]
fn the_kept_jpegs_are_what_the_generator_writes() {
    let target = env!("CARGO_TARGET_TMPDIR");
    let python = python(target, "pillow-venv", include_str!("../fixtures/jpeg/requirements.txt"));
    let made = Path::new(target).join("pictures.zip");
    run(Command::new(python).arg("fixtures/jpeg/generate.py").arg(&made));
    let (made, kept) = (files(&made), files(Path::new("fixtures/jpeg/pictures.zip")));
    assert!(made.keys().eq(kept.keys()));
    for (name, content) in &made {
        assert!(Some(content) == kept.get(name), "{name}: run fixtures/jpeg/generate.py fixtures/jpeg/pictures.zip");
    }
}
