//! Grounds and backgrounds. All are drawn with the hard pencil, so that figures stand out.

mod city;
mod gate;
mod nature;
mod room;

use tiny_skia::Point;

use super::{
    geometry::{Area, Shape, between, curve, distance, ellipse, moved, normal, p},
    page::{FAR, HATCH, PAPER, Page, marker},
};

/// Where a shot takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Street,
    Skyline,
    Rooftop,
    Forest,
    Mountains,
    Sea,
    Room,
    Corridor,
    Gate,
}

impl Place {
    pub(super) const ALL: [Self; 9] = [
        Self::Street,
        Self::Skyline,
        Self::Rooftop,
        Self::Forest,
        Self::Mountains,
        Self::Sea,
        Self::Room,
        Self::Corridor,
        Self::Gate,
    ];

    pub(super) fn is_outdoors(self) -> bool {
        !matches!(self, Self::Room | Self::Corridor)
    }
}

/// A place as a camera sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) frame: Area,
    /// Height of the horizon in the picture.
    pub(super) horizon: f32,
    /// Where parallel lines meet.
    pub(super) vanishing: Point,
    pub(super) night: bool,
}

pub(super) fn draw(page: &mut Page, place: Place, view: &View) {
    if place.is_outdoors() {
        sky(page, view);
    }
    match place {
        Place::Street => city::street(page, view),
        Place::Skyline => city::skyline(page, view),
        Place::Rooftop => city::rooftop(page, view),
        Place::Forest => nature::forest(page, view),
        Place::Mountains => nature::mountains(page, view),
        Place::Sea => nature::sea(page, view),
        Place::Room => room::room(page, view),
        Place::Corridor => room::corridor(page, view),
        Place::Gate => gate::gate(page, view),
    }
}

fn sky(page: &mut Page, view: &View) {
    let frame = view.frame;
    let sky = Area::new(frame.left, frame.top, frame.right, view.horizon);
    if view.night {
        page.fill(&sky.corners(), marker(0.42).tinted(page.accent, 0.25));
        page.hatch(&sky.corners(), -12.0, 9.0, HATCH);
        moon_and_stars(page, &sky);
        return;
    }
    match page.rng.u8(..10) {
        0..3 => page.fill(&sky.corners(), PAPER.tinted(page.accent, 0.34)),
        3..5 => page.hatch(&sky.corners(), -8.0, 12.0, HATCH),
        5 => page.fill(&sky.corners(), marker(0.16)),
        _ => {}
    }
    let mut clouds = page.rng.u8(1..4);
    while clouds > 0 {
        clouds -= 1;
        let (x, y) = (page.between(0.05, 0.9), page.between(0.08, 0.6));
        let size = page.between(0.5, 1.2);
        cloud(page, sky.at(x, y), frame.width() * 0.1 * size);
    }
    if page.chance(0.35) {
        birds(page, &sky);
    }
}

fn moon_and_stars(page: &mut Page, sky: &Area) {
    let (x, y) = (page.between(0.12, 0.88), page.between(0.15, 0.5));
    let size = page.between(26.0, 48.0) * page.unit;
    page.form(&ellipse(sky.at(x, y), size, size, 12), PAPER, FAR);
    for _ in 0..14 {
        let (x, y) = (page.between(0.0, 1.0), page.between(0.0, 0.8));
        let size = page.between(1.2, 2.6) * page.unit;
        page.fill(&ellipse(sky.at(x, y), size, size, 6), PAPER);
    }
}

/// Heaps of round bumps on a flat bottom.
fn cloud(page: &mut Page, centre: Point, width: f32) {
    let mut foot = Vec::new();
    for step in 0..=6_u8 {
        let share = f32::from(step) / 6.0;
        let rise = (share * std::f32::consts::PI).sin() * page.between(0.3, 0.42);
        foot.push(p(centre.x + (share * 2.0 - 1.0) * width, centre.y - rise * width));
    }
    let mut bumps: Vec<Shape> = Vec::new();
    let mut body = Vec::new();
    for pair in foot.windows(2) {
        if let [from, to] = pair {
            let out = normal(*from, *to);
            let reach = distance(*from, *to) * page.between(0.4, 0.55);
            let bulge = |share: f32, by: f32| moved(between(*from, *to, share), out.x * reach * by, out.y * reach * by);
            let bump = vec![*from, bulge(0.12, 0.75), bulge(0.5, 1.1), bulge(0.88, 0.75), *to];
            body.extend(curve(&bump, false, 8.0 * page.unit));
            bumps.push(bump);
        }
    }
    page.fill(&body, PAPER);
    page.curves(&bumps, FAR);
    let y = centre.y;
    let lines = [(-0.8, 0.3, 0.02), (-0.2, 0.9, 0.05), (-0.5, 0.4, -0.06)].map(|(from, to, drop)| {
        (p(centre.x + from * width, y + drop * width), p(centre.x + to * width, y + drop * width))
    });
    page.lines(&lines, FAR.faint(0.7));
}

fn birds(page: &mut Page, sky: &Area) {
    let (x, y) = (page.between(0.2, 0.8), page.between(0.2, 0.6));
    let mut wings = Vec::new();
    for _ in 0..page.rng.u8(3..7) {
        let at = sky.at(x + page.between(-0.1, 0.1), y + page.between(-0.12, 0.12));
        let size = page.between(6.0, 12.0) * page.unit;
        wings.push(vec![p(at.x - size, at.y - size * 0.4), p(at.x - size * 0.4, at.y - size * 0.5), at]);
        wings.push(vec![at, p(at.x + size * 0.4, at.y - size * 0.5), p(at.x + size, at.y - size * 0.3)]);
    }
    page.curves(&wings, FAR);
}
