use super::*;
use crate::{Coding, Effort, InvalidEffort, MAX_SIDE, decode};

/// Waves of three colours, and alpha in the middle third of the rows if there are four.
fn pixels(width: u32, height: u32, channels: u32) -> Vec<u8> {
    let value = |x: u32, y: u32, channel: u32| match channel {
        3 if (height / 3..height / 3 * 2).contains(&y) => (x * 7 + y).to_le_bytes()[0],
        3 => u8::MAX,
        _ => ((x * (channel + 3) * 5) ^ (y * (7 - channel) * 3)).to_le_bytes()[0] / 2 + 60,
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| (0..channels).map(move |channel| value(x, y, channel))))
        .collect()
}

fn put(planes: &mut Planes, row: u32, rows: &[u8], channels: u32) {
    if channels == 3 { planes.put_rgb(row, rows) } else { planes.put_rgba(row, rows) }.unwrap();
}

#[test]
fn strips_give_what_the_whole_frame_gives_in_whatever_order_they_come() {
    for (width, height) in [(1, 1), (2, 2), (7, 5), (64, 48), (33, 101)] {
        for channels in [3, 4] {
            let pixels = pixels(width, height, channels);
            let mut whole = Planes::new(width, height).unwrap();
            put(&mut whole, 0, &pixels, channels);
            for strip in [2, 16] {
                let step = area(width * channels, strip);
                let strips: Vec<_> = (0..height).step_by(strip as usize).zip(pixels.chunks(step)).collect();
                let (mut down, mut up) = (Planes::new(width, height).unwrap(), Planes::new(width, height).unwrap());
                for (from_top, from_end) in strips.iter().zip(strips.iter().rev()) {
                    put(&mut down, from_top.0, from_top.1, channels);
                    put(&mut up, from_end.0, from_end.1, channels);
                }
                assert!(down == whole && up == whole, "{width}x{height}x{channels} in strips of {strip}");
                assert_eq!(
                    down.encode(Effort::default()),
                    whole.clone().encode(Effort::default()),
                    "{width}x{height}x{channels}"
                );
            }
        }
    }
}

#[test]
fn what_was_encoded_is_decoded_to_what_it_was_nearly() {
    for channels in [3, 4] {
        let mut planes = Planes::new(65, 48).unwrap();
        let smooth: Vec<u8> =
            (0..65 * 48 * channels).map(|at: u32| (at / channels % 65 + 90).to_le_bytes()[0]).collect();
        put(&mut planes, 0, &smooth, channels);
        let file = planes.clone().encode(Effort::new(100, 6).unwrap()).unwrap();
        let decoded = decode(&file, 65, 48).unwrap();
        assert_eq!(decoded.coding, Coding::Lossy);
        assert_eq!(decoded.planes.alpha(), planes.alpha());
        let off = decoded.planes.luma().iter().zip(planes.luma()).map(|(one, other)| one.abs_diff(*other)).max();
        assert!(off <= Some(6), "{off:?}");
    }
}

#[test]
fn sides_that_webp_has_not_are_refused() {
    for (width, height) in [(0, 9), (9, 0), (65_536, 1), (1, 65_536), (u32::MAX, u32::MAX)] {
        assert_eq!(Planes::new(width, height), Err(WebpError::Size { width, height }));
    }
    // Planes that may be shrunk are longer than what is encoded.
    for (width, height) in [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (65_535, 1)] {
        let planes = Planes::new(width, height).unwrap();
        assert_eq!(planes.encode(Effort::default()), Err(WebpError::Size { width, height }));
    }
    assert!(Planes::new(MAX_SIDE, 1).unwrap().encode(Effort::default()).is_ok());
    assert!(Planes::new(1, MAX_SIDE).unwrap().encode(Effort::default()).is_ok());
}

#[test]
fn rows_that_are_not_the_pictures_are_refused_and_change_nothing() {
    let mut planes = Planes::new(10, 8).unwrap();
    let row = 10 * 3;
    // No row, half a row, a row and a bit, an odd number in the middle, an odd row, too many, behind the end.
    for (at, bytes) in [(0, 0), (0, row / 2), (0, row + 1), (0, row), (1, 2 * row), (0, 10 * row), (8, 2 * row)] {
        assert_eq!(planes.put_rgb(at, &vec![9; bytes]), Err(WebpError::Rows { row: at, bytes }), "{bytes} at {at}");
    }
    assert_eq!(planes.put_rgba(6, &[9; 10 * 3 * 2]), Err(WebpError::Rows { row: 6, bytes: 60 }));
    assert_eq!(planes.put_rgb(u32::MAX - 1, &[9; 60]), Err(WebpError::Rows { row: u32::MAX - 1, bytes: 60 }));
    assert_eq!(planes, Planes::new(10, 8).unwrap());
    assert_eq!(planes.put_rgb(6, &[9; 60]), Ok(()));
}

#[test]
fn a_file_that_is_broken_or_of_other_sides_is_not_decoded() {
    let mut planes = Planes::new(64, 64).unwrap();
    planes.put_rgb(0, &pixels(64, 64, 3)).unwrap();
    let file = planes.encode(Effort::default()).unwrap();
    for (width, height) in [(63, 64), (64, 65), (0, 0), (u32::MAX, 1)] {
        assert_eq!(decode(&file, width, height).unwrap_err(), WebpError::Broken, "{width}x{height}");
    }
    for end in 0..file.len() {
        assert_eq!(decode(&file[..end], 64, 64).unwrap_err(), WebpError::Broken, "to byte {end} of {}", file.len());
    }
}

#[test]
fn efforts_that_libwebp_has_not_are_refused() {
    assert_eq!(Effort::new(101, 2), Err(InvalidEffort::Quality(101)));
    assert_eq!(Effort::new(90, 7), Err(InvalidEffort::Method(7)));
    assert_eq!(Effort::new(90, 2), Ok(Effort::default()));
}
