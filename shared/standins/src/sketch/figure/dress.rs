//! Clothes: what falls behind the body and what lies over the trunk.

use super::{Joints, Person};
use crate::sketch::{
    geometry::{Shape, moved},
    page::{HATCH, PAPER, PENCIL, Page, marker},
};

/// What somebody wears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    Shirt,
    Jacket,
    Hoodie,
    Coat,
    Cape,
    Skirt,
    Uniform,
}

impl Dress {
    pub(super) fn new(page: &mut Page, slight: bool) -> Self {
        let all = [Self::Shirt, Self::Jacket, Self::Hoodie, Self::Coat, Self::Coat, Self::Cape, Self::Uniform];
        if slight && page.chance(0.4) { Self::Skirt } else { page.pick(&all).unwrap_or(Self::Shirt) }
    }

    pub(super) fn bare_arms(self) -> bool {
        matches!(self, Self::Shirt | Self::Skirt)
    }
}

/// Capes and the tails of coats blow to the side that the figure does not look to.
pub(super) fn behind(page: &mut Page, person: &Person, joints: &Joints) {
    let wide = person.build.shoulders;
    let at = |across: f32, up: f32| joints.torso(across, up);
    let wind = page.between(0.3, 1.6);
    match person.dress {
        Dress::Cape => {
            let shape = [
                at(wide * 0.8, -2.5),
                at(-wide * 0.9, -2.5),
                at(-wide * 1.4 - wind * 0.5, -0.6),
                at(-wide * 1.3 - wind * 1.3, 1.6),
                at(-wide * 1.1 - wind * 2.0, 3.1),
                at(-wide * 0.3 - wind, 2.7),
                at(wide * 0.3 - wind * 0.4, 3.2),
                at(wide * 0.9, 1.2),
                at(wide * 0.9, -0.8),
            ];
            let ink = marker(0.3).tinted(page.accent, 0.5);
            page.form(&shape, ink, PENCIL);
            let folds: Vec<Shape> = [-0.8, -0.3, 0.2]
                .iter()
                .map(|x| vec![at(wide * x, -2.2), at(wide * x - wind * 0.4, 0.2), at(wide * x - wind * 1.2, 2.4)])
                .collect();
            page.curves(&folds, PENCIL.wide(0.7));
            page.hatch(&shape, 100.0, 14.0, HATCH);
        }
        Dress::Coat => {
            let hips = person.build.hips;
            let shape = [
                at(-hips, -0.3),
                at(-hips * 1.4 - wind * 0.3, 1.0),
                at(-hips * 1.7 - wind * 0.9, 2.5),
                at(-wind * 0.5, 2.3),
                at(hips * 0.9, 2.2),
                at(hips, 0.0),
            ];
            page.form(&shape, person.top_ink.tinted(marker(1.0), 0.25), PENCIL);
            page.hatch(&shape, 80.0, 11.0, HATCH);
        }
        _ => {}
    }
}

/// Collars, seams, belts, and skirts.
pub(super) fn over(page: &mut Page, person: &Person, joints: &Joints) {
    let at = |across: f32, up: f32| joints.torso(across, up);
    let (wide, hips) = (person.build.shoulders, person.build.hips);
    let middle = 0.2 * joints.turn;
    let thin = PENCIL.wide(0.8);
    match person.dress {
        Dress::Shirt => {
            page.curve(&[at(-0.3, -2.6), at(middle, -2.3), at(0.34, -2.6)], thin);
        }
        Dress::Hoodie => {
            let hood =
                [at(-0.55, -2.75), at(-0.5, -2.3), at(middle, -2.05), at(0.5, -2.3), at(0.5, -2.75), at(middle, -2.45)];
            page.form(&hood, person.top_ink, PENCIL);
            let strings = [
                (at(middle - 0.14, -2.1), at(middle - 0.18, -1.6)),
                (at(middle + 0.14, -2.1), at(middle + 0.16, -1.65)),
            ];
            page.lines(&strings, thin);
            let pocket = [at(-0.4, -0.35), at(-0.3, -0.9), at(0.42, -0.9), at(0.52, -0.35)];
            page.corners(&pocket, thin);
        }
        Dress::Jacket | Dress::Coat | Dress::Uniform => {
            let shirt = [at(-0.24, -2.62), at(0.28, -2.62), at(middle + 0.1, -1.3), at(middle, -1.2)];
            page.fill(&shirt, PAPER);
            let lapels = [
                [at(-0.26, -2.62), at(-0.5, -2.1), at(-0.22, -2.0), at(middle, -1.25)],
                [at(0.3, -2.62), at(0.54, -2.1), at(0.34, -2.0), at(middle + 0.06, -1.25)],
            ];
            for lapel in lapels {
                page.corners(&lapel, PENCIL);
            }
            page.line(at(middle, -1.25), at(middle + 0.05, 0.25), thin);
            if person.dress == Dress::Uniform {
                let tie = [
                    at(middle * 0.6 - 0.05, -2.4),
                    at(middle * 0.6 + 0.13, -2.4),
                    at(middle + 0.14, -1.5),
                    at(middle, -1.3),
                    at(middle - 0.12, -1.55),
                ];
                let ink = marker(0.4).tinted(page.accent, 0.6);
                page.block(&tie, ink, thin);
            } else {
                let buttons: Vec<_> =
                    [-0.9, -0.5, -0.1].iter().map(|up| (at(middle + 0.16, *up), at(middle + 0.2, up + 0.03))).collect();
                page.lines(&buttons, PENCIL.wide(1.6));
            }
        }
        Dress::Cape => {
            let clasp = [at(-wide * 0.62, -2.55), at(0.0, -2.28), at(wide * 0.62, -2.55)];
            page.curve(&clasp, PENCIL.wide(2.2));
            page.line(at(-hips, -0.45), at(hips, -0.45), PENCIL.wide(3.0));
        }
        Dress::Skirt => {
            let flare = page.between(0.2, 0.6);
            let shape = [
                at(-hips * 0.9, -0.75),
                at(-hips * 1.3 - flare, 1.15),
                at(-hips * 0.4, 1.28),
                at(hips * 0.5, 1.26),
                at(hips * 1.4 + flare * 0.6, 1.1),
                at(hips * 0.9, -0.75),
            ];
            page.block(&shape, person.legs_ink, PENCIL);
            let pleats: Vec<_> = [-0.7_f32, -0.3, 0.1, 0.5]
                .iter()
                .map(|x| (at(hips * x, -0.6), moved(at(hips * x * 1.5, 1.15), 0.0, 0.0)))
                .collect();
            page.lines(&pleats, HATCH);
            page.curve(&[at(-0.3, -2.6), at(middle, -2.36), at(0.34, -2.6)], thin);
        }
    }
}
