//! How like its source a stored picture is. That no whole frame would be more like it is shown where strips are compared
//! with libwebp's own call (`shared/webp/tests/whole_frame.rs`): the bytes are the same.

use bytes::Bytes;
use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage};
use toonmill_imaging::{Effort, check_and_encode};

const SIDE: u32 = 512;
const WINDOW: u32 = 8;

/// Paper with a grain, flat colours in panels, thin and thick lines in ink, and small strokes like letters.
fn sketch(seed: u64) -> RgbImage {
    let mut dice = fastrand::Rng::with_seed(seed);
    let [panel_x, panel_y, slant] = [(); 3].map(|()| dice.u32(100..400));
    let flats = [(); 4].map(|()| [(); 3].map(|()| dice.u8(90..230)));
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let flat = flats.get(usize::from(x > panel_x) * 2 + usize::from(y > panel_y)).copied().unwrap_or_default();
        let border = x.abs_diff(panel_x) < 3 || y.abs_diff(panel_y) < 3;
        let hatching = (x + y * 2).is_multiple_of(23) && x > panel_x;
        let arc = ((x.pow(2) + y.pow(2)).isqrt()).abs_diff(slant) < 2;
        let letters = y < 60 && (x / 3).is_multiple_of(2) && (x * 7 + y / 9 * 5) % 11 < 4 && y % 9 < 6;
        if border || hatching || arc || letters {
            Rgb([22, 20, 26])
        } else {
            Rgb(flat.map(|level| level + dice.u8(..8)))
        }
    })
}

/// The mean structural similarity of two pictures' luma in windows of 8 by 8 (Wang et al. 2004): 1 if they are the same.
fn ssim(one: &GrayImage, other: &GrayImage) -> f64 {
    let starts = || (0..SIDE).step_by(WINDOW as usize);
    let windows = starts().flat_map(|y| starts().map(move |x| (x, y)));
    let of = |(x, y): (u32, u32)| {
        let pixels = (y..y + WINDOW).flat_map(|y| (x..x + WINDOW).map(move |x| (x, y)));
        let pairs = pixels.map(|(x, y)| (f64::from(one.get_pixel(x, y).0[0]), f64::from(other.get_pixel(x, y).0[0])));
        let [mut sum_a, mut sum_b, mut a_a, mut b_b, mut a_b] = [0.0; 5];
        for (a, b) in pairs {
            (sum_a, sum_b) = (sum_a + a, sum_b + b);
            (a_a, b_b, a_b) = (a_a + a * a, b_b + b * b, a_b + a * b);
        }
        let count = f64::from(WINDOW * WINDOW);
        let (mean_a, mean_b) = (sum_a / count, sum_b / count);
        let (var_a, var_b) = (a_a / count - mean_a * mean_a, b_b / count - mean_b * mean_b);
        let covariance = a_b / count - mean_a * mean_b;
        let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
        (2.0 * mean_a * mean_b + c1) * (2.0 * covariance + c2)
            / ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2))
    };
    let (sum, count) = windows.map(of).fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[test]
fn a_stored_sketch_is_like_its_source_with_the_usual_effort() {
    for seed in 1..=3 {
        let source = DynamicImage::from(sketch(seed));
        let mut png = std::io::Cursor::new(Vec::new());
        source.write_to(&mut png, ImageFormat::Png).unwrap();
        let (png, square) = (Bytes::from(png.into_inner()), "1:1".parse().unwrap());
        let stored = check_and_encode(png, square, 0, Effort::default()).unwrap();
        let shown = image::load_from_memory_with_format(&stored.webp, ImageFormat::WebP).unwrap();
        let alike = ssim(&source.to_luma8(), &shown.to_luma8());
        println!("sketch {seed}: {alike:.4}");
        assert!(alike > 0.95, "sketch {seed}: {alike}");
    }
}
