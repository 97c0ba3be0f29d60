//! One panel: which camera, which place, who is in it, and the order in which it is drawn.

use tiny_skia::Point;

use super::{
    balloon, creature,
    effects::{self, Sound},
    figure::{Act, Anchor, Mood, Person, Stand},
    geometry::{Area, curve, lerp, p},
    page::{FAR, HATCH, PAPER, PENCIL, Page, marker},
    places::{self, Place, View},
    words::Cues,
};

/// How far the camera is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Extreme,
    Close,
    Medium,
    Wide,
    Group,
    OverShoulder,
    Establishing,
}

/// What a panel shows, settled before the first line.
struct Shot<'a> {
    frame: Area,
    framing: Framing,
    mood: Mood,
    action: bool,
    /// Somebody says something; then no sound is lettered over it.
    speaks: bool,
    cues: &'a Cues,
    cast: &'a [Person],
    view: View,
}

/// Draws one panel into its frame; lines may run over its border and are masked later.
pub(super) fn draw(page: &mut Page, frame: Area, cues: &Cues, cast: &[Person]) {
    let shot = settle(page, frame, cues, cast);
    background(page, &shot);
    if cues.creature
        && matches!(shot.framing, Framing::Wide | Framing::Establishing | Framing::Group | Framing::OverShoulder)
    {
        let side = page.side();
        let x = 0.5 + side * page.between(0.08, 0.26);
        let foot = p(frame.at(x, 0.0).x, lerp(shot.view.horizon, frame.bottom, 0.3));
        let half_height = (foot.y - frame.top) * page.between(0.4, 0.5);
        creature::draw(page, foot, half_height, -side);
    }
    match shot.framing {
        Framing::Extreme => {
            let share = page.between(1.2, 1.6);
            face(page, &shot, share);
        }
        Framing::Close => {
            let share = page.between(0.48, 0.8);
            face(page, &shot, share);
        }
        Framing::Medium => medium(page, &shot),
        Framing::Wide => wide(page, &shot, 1),
        Framing::Group => wide(page, &shot, 3),
        Framing::OverShoulder => over_shoulder(page, &shot),
        Framing::Establishing => establishing(page, &shot),
    }
    if shot.view_is_outdoors() {
        if cues.rain {
            effects::rain(page, &frame);
        } else if cues.snow {
            effects::snow(page, &frame);
        }
    }
    if !shot.speaks && shot.action && page.chance(0.6) {
        let kind = if page.rng.bool() { Sound::Loud } else { Sound::Fast };
        effects::sound(page, &frame, kind);
    } else if !shot.speaks && page.chance(0.1) {
        effects::sound(page, &frame, Sound::Low);
    }
    if page.chance(0.14) {
        effects::camera_note(page, &frame);
    }
}

impl Shot<'_> {
    fn view_is_outdoors(&self) -> bool {
        self.cues.places.iter().all(|place| place.is_outdoors())
    }

    /// A figure at this share of the width, on the ground at this share of its depth.
    fn ground(&self, x: f32, depth: f32) -> Point {
        p(self.frame.at(x, 0.0).x, lerp(self.view.horizon, self.frame.bottom, depth))
    }
}

fn settle<'a>(page: &mut Page, frame: Area, cues: &'a Cues, cast: &'a [Person]) -> Shot<'a> {
    const BY_CHANCE: [Framing; 14] = [
        Framing::Extreme,
        Framing::Close,
        Framing::Close,
        Framing::Close,
        Framing::Medium,
        Framing::Medium,
        Framing::Medium,
        Framing::Wide,
        Framing::Wide,
        Framing::Wide,
        Framing::Group,
        Framing::Group,
        Framing::OverShoulder,
        Framing::Establishing,
    ];
    let by_chance = page.pick(&BY_CHANCE).unwrap_or(Framing::Medium);
    // A director who asked for close-ups still gets a few other frames to cut to.
    let framing = cues.framing.filter(|_| page.chance(0.6)).unwrap_or(by_chance);
    let mood = cues.mood.filter(|_| page.chance(0.7));
    let mood = mood.or_else(|| page.pick(&Mood::ALL)).unwrap_or(Mood::Calm);
    let action = if cues.action { page.chance(0.85) } else { page.chance(0.22) };
    let horizon = match framing {
        Framing::Wide | Framing::Group | Framing::Establishing => page.between(0.42, 0.66),
        _ => page.between(0.5, 0.72),
    };
    let horizon = frame.at(0.0, horizon).y;
    let vanishing = p(frame.at(page.between(0.3, 0.7), 0.0).x, horizon);
    let view = View { frame, horizon, vanishing, night: cues.night || page.chance(0.1) };
    let speaks = page.chance(if cues.quote.is_some() { 0.7 } else { 0.42 });
    Shot { frame, framing, mood, action, speaks, cues, cast, view }
}

fn background(page: &mut Page, shot: &Shot<'_>) {
    let frame = shot.frame;
    let close = matches!(shot.framing, Framing::Extreme | Framing::Close);
    let strong = shot.action || matches!(shot.mood, Mood::Afraid | Mood::Angry);
    if close && strong && page.chance(0.65) {
        effects::focus_lines(page, &frame, frame.at(0.5, 0.46), frame.height() * 0.42);
        return;
    }
    if close && page.chance(0.35) {
        let tone = marker(page.between(0.05, 0.3)).tinted(page.accent, 0.3);
        page.fill(&frame.corners(), tone);
        page.hatch(&frame.corners(), 38.0, 12.0, HATCH);
        return;
    }
    let place = page.pick(&shot.cues.places).or_else(|| page.pick(&Place::ALL)).unwrap_or(Place::Street);
    places::draw(page, place, &shot.view);
    if close {
        // What lies far behind a face is out of focus: a veil of paper over it.
        let veil = FAR.with_ink(PAPER).faint(0.45).ink;
        page.fill(&frame.corners(), veil);
    }
}

fn person(page: &mut Page, shot: &Shot<'_>, index: usize, stand: Stand) {
    if let Some(person) = shot.cast.get(index % shot.cast.len().max(1)) {
        person.draw(page, stand);
    }
}

/// A head that fills the frame; `share` is its height as a share of the frame's.
fn face(page: &mut Page, shot: &Shot<'_>, share: f32) {
    let frame = shot.frame;
    let facing = page.side();
    let head_px = (frame.height() * share).min(frame.width() * share * 1.25) * page.between(0.92, 1.12);
    let x = 0.5 - facing * page.between(0.0, 0.14);
    let y = if share > 1.0 { page.between(0.42, 0.54) } else { page.between(0.42, 0.5) };
    let head = frame.at(x, y);
    let stand = Stand { anchor: Anchor::Head(head), head_px, facing, act: Act::Calm, mood: shot.mood };
    person(page, shot, 0, stand);
    if share < 1.0 && shot.speaks {
        speak(page, shot, head, facing, head_px);
    }
}

fn medium(page: &mut Page, shot: &Shot<'_>) {
    let frame = shot.frame;
    let pair = shot.cast.len() > 1 && page.chance(0.45);
    let head_px = frame.height().min(frame.width() * 1.1) * page.between(0.2, 0.27);
    let first = if pair { page.between(0.26, 0.36) } else { page.between(0.36, 0.62) };
    let facing = if pair { 1.0 } else { page.side() };
    let act = if shot.action && !pair { Act::Action } else { Act::Calm };
    if act == Act::Action && page.chance(0.7) {
        let degrees = 90.0 + page.between(-16.0, 16.0);
        effects::speed_lines(page, &frame, degrees);
    }
    let head = frame.at(first, page.between(0.28, 0.38));
    person(page, shot, 0, Stand { anchor: Anchor::Head(head), head_px, facing, act, mood: shot.mood });
    if pair {
        let other = frame.at(page.between(0.64, 0.76), page.between(0.26, 0.4));
        let mood = page.pick(&Mood::ALL).unwrap_or(Mood::Calm);
        person(page, shot, 1, Stand { anchor: Anchor::Head(other), head_px, facing: -1.0, act: Act::Calm, mood });
    }
    if shot.speaks {
        // Over two people the words go to the side that nobody stands on.
        speak(page, shot, head, if pair { -facing } else { facing }, head_px);
    }
}

fn wide(page: &mut Page, shot: &Shot<'_>, people: u8) {
    let frame = shot.frame;
    let heads = shot.cast.first().map_or(8.0, Person::heads);
    let count = if people > 1 { page.rng.u8(2..=people) } else { 1 };
    let tall = if count > 1 { page.between(0.5, 0.62) } else { page.between(0.58, 0.8) };
    let act = |page: &mut Page| match (shot.action, page.rng.u8(..10)) {
        (true, 0..8) => Act::Action,
        (false, 0..2) => Act::Low,
        (false, _) if shot.cues.low && page.chance(0.75) => Act::Low,
        _ => Act::Calm,
    };
    let lead = act(page);
    if lead == Act::Action && page.chance(0.6) {
        let degrees = 90.0 + page.between(-22.0, 22.0);
        effects::speed_lines(page, &frame, degrees);
    }
    let lead_facing = page.side();
    let mut heads_at = Vec::new();
    for index in (0..count).rev() {
        let main = index == 0;
        let x = match index {
            0 => 0.5 - lead_facing * page.between(0.0, 0.14),
            1 => 0.5 + lead_facing * page.between(0.2, 0.3),
            _ => 0.5 - lead_facing * page.between(0.28, 0.38),
        };
        let depth = if main { page.between(0.62, 0.9) } else { page.between(0.3, 0.6) };
        let feet = shot.ground(x, depth);
        // Who stands farther back is smaller; the horizon cuts all of them at one height.
        let share = tall * if main { 1.0 } else { 0.55 + depth * 0.35 };
        let height = (frame.height() * share).min((feet.y - frame.top) * 0.92);
        let facing = if main { lead_facing } else { -lead_facing };
        let act = if main { lead } else { act(page) };
        let mood = if main { shot.mood } else { page.pick(&Mood::ALL).unwrap_or(Mood::Calm) };
        let head_px = height / heads;
        if act == Act::Action {
            effects::dust(page, p(feet.x - facing * head_px * 1.6, feet.y), head_px * 1.2);
        }
        let stand = Stand { anchor: Anchor::Feet(feet), head_px, facing, act, mood };
        person(page, shot, usize::from(index), stand);
        heads_at.push((p(feet.x, feet.y - height + head_px * 0.5), facing, head_px));
    }
    if shot.action && page.chance(0.3) {
        let at = shot.ground(0.5 + lead_facing * 0.24, 0.1);
        effects::impact(page, p(at.x, at.y - frame.height() * 0.16), frame.height() * 0.11);
    }
    if let (true, Some((head, facing, head_px))) = (shot.speaks, heads_at.last().copied()) {
        speak(page, shot, head, facing, head_px);
    }
}

/// Somebody seen past the shoulder of somebody else.
fn over_shoulder(page: &mut Page, shot: &Shot<'_>) {
    let frame = shot.frame;
    let side = page.side();
    let head_px = frame.height().min(frame.width()) * page.between(0.17, 0.22);
    let head = frame.at(0.5 + side * page.between(0.06, 0.16), page.between(0.3, 0.4));
    let stand = Stand { anchor: Anchor::Head(head), head_px, facing: -side, act: Act::Calm, mood: shot.mood };
    person(page, shot, 1, stand);
    back_of_a_head(page, &frame, side);
    if shot.speaks {
        speak(page, shot, head, -side, head_px);
    }
}

/// The near one of two: dark, cut off by the frame, turned away.
fn back_of_a_head(page: &mut Page, frame: &Area, side: f32) {
    let big = frame.height().min(frame.width()) * page.between(0.6, 0.74);
    let near = frame.at(0.5 - side * page.between(0.36, 0.44), page.between(0.54, 0.66));
    let at = |x: f32, y: f32| p(near.x + x * big * side, near.y + y * big);
    let shoulders = [at(-1.3, 1.2), at(-0.9, 0.66), at(-0.3, 0.5), at(0.22, 0.52), at(0.66, 0.74), at(0.84, 1.3)];
    page.form(&shoulders, marker(0.5), PENCIL.wide(1.2));
    page.hatch(&shoulders, 60.0, 9.0, HATCH.wide(1.4));
    let cheek =
        [at(0.16, -0.1), at(0.36, 0.02), at(0.37, 0.18), at(0.27, 0.36), at(0.1, 0.44), at(-0.1, 0.56), at(-0.1, 0.1)];
    page.form(&cheek, PAPER, PENCIL);
    let ear = [at(0.13, 0.06), at(0.18, 0.0), at(0.225, 0.06), at(0.19, 0.15), at(0.14, 0.16)];
    let tips = [
        (0.3, -0.06),
        (0.2, -0.14),
        (0.12, 0.06),
        (0.04, 0.3),
        (-0.04, 0.44),
        (-0.12, 0.36),
        (-0.2, 0.5),
        (-0.28, 0.38),
        (-0.36, 0.44),
    ];
    let crown = [(-0.44, 0.16), (-0.46, -0.2), (-0.3, -0.48), (0.0, -0.58), (0.24, -0.48), (0.36, -0.26), (0.37, -0.1)];
    let (crown, tips_at) = (crown.map(|(x, y)| at(x, y)), tips.map(|(x, y)| at(x, y)));
    let mut hair = curve(&crown, false, big * 0.05);
    hair.extend(&tips_at);
    page.fill(&hair, marker(0.8));
    page.curve(&crown, PENCIL.wide(1.3));
    page.corners(&tips_at, PENCIL);
    page.form(&ear, PAPER, PENCIL);
    let strands: Vec<Vec<Point>> =
        tips.iter().map(|(x, y)| vec![at(-0.04, -0.42), at(x * 0.9 - 0.06, y * 0.3 - 0.2), at(*x, y - 0.03)]).collect();
    page.curves(&strands, PENCIL.wide(0.8).with_ink(marker(0.45)));
}

fn establishing(page: &mut Page, shot: &Shot<'_>) {
    let heads = shot.cast.first().map_or(8.0, Person::heads);
    let height = shot.frame.height() * page.between(0.14, 0.24);
    let x = page.between(0.2, 0.8);
    for index in 0..page.rng.u8(1..3) {
        let feet = shot.ground(x + f32::from(index) * 0.07, 0.5);
        let facing = if shot.view.vanishing.x > feet.x { 1.0 } else { -1.0 };
        let stand =
            Stand { anchor: Anchor::Feet(feet), head_px: height / heads, facing, act: Act::Calm, mood: Mood::Calm };
        person(page, shot, usize::from(index), stand);
    }
}

fn speak(page: &mut Page, shot: &Shot<'_>, head: Point, facing: f32, head_px: f32) {
    let words = match &shot.cues.quote {
        Some(quote) if page.chance(0.8) => quote.clone(),
        _ => balloon::line_for(page, shot.mood).to_owned(),
    };
    let mouth = p(head.x + facing * head_px * 0.3, head.y + head_px * 0.2);
    balloon::speech(page, &shot.frame, mouth, facing, &words, shot.mood);
}
