//! What both decoders make of JPEGs of every kind, beside what libjpeg-turbo does.

use std::{collections::BTreeMap, fs, io::Read};

use super::*;
use crate::inspect;

/// How far a channel may be off, in grey levels: decoders round differently.
const MOST_OFF: u8 = 3;
/// Of so many channels of a picture one may be off by a level more.
const ONE_OF: usize = 500;

/// The pictures by their names, each with a PNG of what libjpeg-turbo makes of it (`fixtures/jpeg/generate.py`).
fn pictures() -> BTreeMap<String, (Vec<u8>, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(fs::File::open("fixtures/jpeg/pictures.zip").unwrap()).unwrap();
    let mut files = BTreeMap::<String, (Vec<u8>, Vec<u8>)>::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let (name, kind) = name.rsplit_once('.').unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let entry = files.entry(name.to_owned()).or_default();
        *(if kind == "jpg" { &mut entry.0 } else { &mut entry.1 }) = bytes;
    }
    files
}

fn rgb(pixels: &[u8], layout: Layout) -> Vec<u8> {
    match layout {
        Layout::Rgb => pixels.to_vec(),
        Layout::Grey => pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
        Layout::Cmyk => {
            let left = |ink: u8, black: u8| u32::from(255 - ink) * u32::from(255 - black) / 255;
            let pixels = pixels.as_chunks::<4>().0.iter();
            pixels.flat_map(|[c, m, y, k]| [c, m, y].map(|ink| u8::try_from(left(*ink, *k)).unwrap())).collect()
        }
        Layout::Rgba | Layout::GreyAlpha => unreachable!("no JPEG has alpha"),
    }
}

/// How many channels are off by more than may be, and by how much at most.
fn off(decoded: &[u8], png: &[u8]) -> (usize, u8) {
    let right = image::load_from_memory(png).unwrap().into_rgb8().into_raw();
    assert_eq!(decoded.len(), right.len());
    let off: Vec<_> = decoded.iter().zip(&right).map(|(a, b)| a.abs_diff(*b)).filter(|off| *off > MOST_OFF).collect();
    (off.len(), off.into_iter().max().unwrap_or_default())
}

#[test]
fn every_kind_of_jpeg_is_decoded_as_libjpeg_does_it_or_refused() {
    let pictures = pictures();
    assert!(pictures.len() >= 200, "{}", pictures.len());
    let (mut usual, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for (name, (jpeg, png)) in &pictures {
        let header = inspect(jpeg).unwrap();
        usual += u32::from(is_usual(&Frame::read(jpeg).unwrap()));
        match pixels(jpeg, header) {
            Ok((frame, layout)) => {
                let decoded = rgb(&frame, layout);
                let (count, most) = off(&decoded, png);
                if most > MOST_OFF + 1 || count > decoded.len().div_ceil(ONE_OF) {
                    wrong.push(format!("{name}: {count} of {} off, by {most} at most", decoded.len()));
                }
            }
            Err(ImageProblem::Unsupported(_)) => refused.push(name),
            Err(problem) => wrong.push(format!("{name}: {problem}")),
        }
        // Whether it is whole is found out of each of them, without decoding.
        let checked = crate::inspect_input(jpeg);
        assert_eq!(checked.is_ok(), pixels(jpeg, header).is_ok(), "{name}: {checked:?}");
        let end = crate::jpeg::end_of(jpeg).unwrap();
        assert!(crate::inspect_input(&jpeg[..end - 3]).is_err() || jpeg[end - 3] == 0, "{name}, cut");
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), pictures.len());
    assert!(refused.len() <= 8, "{refused:#?}");
    assert!(usual >= 30, "the fast decoder is tried too: {usual}");
}
