//! People: who they are, how they stand, and the drawing of them.

mod body;
mod dress;
mod face;
mod hair;
mod pose;

use tiny_skia::Point;

use super::{
    geometry::Shape,
    page::{Ink, Page, marker},
};
pub(super) use face::Mood;
use pose::{Build, Joints, Kind, POSES, Pose};

/// Somebody, in every drawing of a sheet the same.
#[derive(Debug, Clone)]
pub(super) struct Person {
    build: Build,
    hair: hair::Style,
    dress: dress::Dress,
    hair_ink: Ink,
    top_ink: Ink,
    legs_ink: Ink,
    /// Something in the near hand.
    prop: Prop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prop {
    None,
    Sword,
    Staff,
    Bag,
}

/// What the figure does, as far as the shot cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Calm,
    Action,
    Low,
}

/// Where a figure stands and what it is doing there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    pub(super) anchor: Anchor,
    /// Height of the head in pixels.
    pub(super) head_px: f32,
    /// 1 looks to the right, -1 to the left.
    pub(super) facing: f32,
    pub(super) act: Act,
    pub(super) mood: Mood,
}

/// The point of a figure whose place on the sheet is given; the rest follows from the pose.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Feet(Point),
    Head(Point),
}

impl Person {
    /// Somebody new. `armed` puts something sharp in their hand more often than not.
    pub(super) fn new(page: &mut Page, armed: bool, slight: Option<bool>) -> Self {
        let by_chance = page.rng.bool();
        let slight = slight.unwrap_or(by_chance);
        let build = Build {
            shoulders: if slight { page.between(0.6, 0.67) } else { page.between(0.74, 0.9) },
            hips: if slight { page.between(0.52, 0.58) } else { page.between(0.47, 0.53) },
            legs: page.between(3.5, 4.1),
            limbs: if slight { 0.84 } else { page.between(0.96, 1.14) },
        };
        let accent = page.accent;
        let inks = [marker(0.0), marker(0.08), marker(0.22), marker(0.5), marker(0.72)];
        let washed = marker(0.05).tinted(accent, 0.62);
        let top_ink = if page.chance(0.4) { washed } else { page.pick(&inks).unwrap_or(washed) };
        let hair_inks = [marker(0.88), marker(0.8), marker(0.55), marker(0.06), marker(0.3)];
        Self {
            build,
            hair: hair::Style::new(page, slight),
            dress: dress::Dress::new(page, slight),
            hair_ink: page.pick(&hair_inks).unwrap_or(washed),
            top_ink,
            legs_ink: page.pick(&[marker(0.7), marker(0.5), marker(0.2), marker(0.04)]).unwrap_or(washed),
            prop: if armed && page.chance(0.75) {
                page.pick(&[Prop::Sword, Prop::Sword, Prop::Staff]).unwrap_or(Prop::Sword)
            } else if page.chance(0.12) {
                Prop::Bag
            } else {
                Prop::None
            },
        }
    }

    /// Draws the whole figure. What does not fit the frame is cut off by it, which is how close
    /// shots are made too.
    pub(super) fn draw(&self, page: &mut Page, stand: Stand) {
        let pose = pose_for(page, stand.act);
        let turn = page.between(0.1, 0.95);
        let mut joints = Joints::bent(&pose, self.build, stand, turn);
        joints.nod = page.between(-9.0, 9.0);
        body::draw(page, self, &joints, stand.mood);
    }

    /// Draws the figure at ease, turned by so much: for sheets that show somebody from all sides.
    pub(super) fn draw_at_ease(&self, page: &mut Page, stand: Stand, turn: f32) {
        let joints = Joints::bent(&Pose::AT_EASE, self.build, stand, turn);
        body::draw(page, self, &joints, stand.mood);
    }

    /// Height of the figure in heads when it stands.
    pub(super) fn heads(&self) -> f32 {
        4.2 + self.build.legs
    }
}

fn pose_for(page: &mut Page, act: Act) -> Pose {
    let kind = match act {
        Act::Calm => Kind::Calm,
        Act::Action => Kind::Action,
        Act::Low => Kind::Low,
    };
    let fitting: Vec<&Pose> = POSES.iter().filter(|pose| pose.kind == kind).collect();
    let mut pose = page.rng.choice(&fitting).map_or(Pose::AT_EASE, |pose| **pose);
    pose.lean += page.between(-5.0, 5.0);
    for (first, second) in pose.arms.iter_mut().chain(&mut pose.legs) {
        *first += page.between(-6.0, 6.0);
        *second += page.between(-6.0, 6.0);
    }
    pose
}

/// A limb's outline: its course with this much flesh on each side at each joint and between.
pub(super) fn sleeve(course: &[Point], widths: &[f32]) -> Shape {
    use super::geometry::{between, moved, normal};
    let mut spine = Vec::new();
    for pair in course.windows(2) {
        if let [from, to] = pair {
            spine.extend([*from, between(*from, *to, 0.5)]);
        }
    }
    spine.extend(course.last());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (index, (point, width)) in spine.iter().zip(widths).enumerate() {
        let before = spine.get(index.wrapping_sub(1)).unwrap_or(point);
        let after = spine.get(index + 1).unwrap_or(point);
        let side = normal(*before, *after);
        left.push(moved(*point, side.x * width, side.y * width));
        right.push(moved(*point, -side.x * width, -side.y * width));
    }
    left.extend(right.into_iter().rev());
    left
}
