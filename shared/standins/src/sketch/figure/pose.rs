//! Bodies as sticks: how a pose bends them, and where the joints end up.

use tiny_skia::Point;

use super::{Anchor, Stand};
use crate::sketch::geometry::{Shape, along, p, rotated};

/// Angles in degrees: 0 hangs down, 90 points ahead, negative is behind. Ahead is to the right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    pub(super) lean: f32,
    /// Upper and lower arm, the near one first.
    pub(super) arms: [(f32, f32); 2],
    /// Thigh and shin, the near one first.
    pub(super) legs: [(f32, f32); 2],
    /// How far the feet are off the ground, in heads.
    pub(super) height: f32,
    pub(super) kind: Kind,
}

/// What a pose is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Calm,
    Action,
    Low,
}

const fn pose(kind: Kind, lean: f32, arms: [(f32, f32); 2], legs: [(f32, f32); 2], height: f32) -> Pose {
    Pose { lean, arms, legs, height, kind }
}

impl Pose {
    pub(super) const AT_EASE: Self =
        pose(Kind::Calm, 0.0, [(-14.0, -6.0), (14.0, 10.0)], [(-5.0, -6.0), (7.0, 5.0)], 0.0);
}

pub(super) const POSES: &[Pose] = &[
    Pose::AT_EASE,
    // A hand on the hip.
    pose(Kind::Calm, -3.0, [(-42.0, 38.0), (12.0, 8.0)], [(-7.0, -8.0), (9.0, 3.0)], 0.0),
    // Hands in the pockets.
    pose(Kind::Calm, 2.0, [(-24.0, 22.0), (20.0, -4.0)], [(-4.0, -6.0), (8.0, 6.0)], 0.0),
    // Arms folded.
    pose(Kind::Calm, -4.0, [(-8.0, 96.0), (18.0, 84.0)], [(-8.0, -8.0), (8.0, 6.0)], 0.0),
    // Walking.
    pose(Kind::Calm, 5.0, [(-26.0, -4.0), (26.0, 44.0)], [(24.0, 14.0), (-20.0, -38.0)], 0.0),
    // Looking at a telephone.
    pose(Kind::Calm, 4.0, [(18.0, 128.0), (-10.0, 4.0)], [(-4.0, -6.0), (7.0, 4.0)], 0.0),
    // Shading the eyes.
    pose(Kind::Calm, -4.0, [(78.0, 158.0), (-16.0, -4.0)], [(-10.0, -10.0), (10.0, 5.0)], 0.0),
    // Pointing ahead.
    pose(Kind::Calm, 3.0, [(84.0, 88.0), (-12.0, 6.0)], [(-14.0, -16.0), (16.0, 8.0)], 0.0),
    // Running.
    pose(Kind::Action, 20.0, [(-58.0, 26.0), (52.0, 122.0)], [(68.0, -8.0), (-28.0, -88.0)], 0.1),
    // Running flat out.
    pose(Kind::Action, 30.0, [(66.0, 120.0), (-72.0, -8.0)], [(-36.0, -100.0), (80.0, 24.0)], 0.3),
    // Leaping.
    pose(Kind::Action, 8.0, [(150.0, 172.0), (-96.0, -60.0)], [(84.0, -14.0), (-24.0, -82.0)], 1.3),
    // Punching.
    pose(Kind::Action, 16.0, [(86.0, 92.0), (-36.0, 70.0)], [(38.0, 2.0), (-36.0, -30.0)], 0.0),
    // On guard, a weapon ahead.
    pose(Kind::Action, 8.0, [(46.0, 82.0), (30.0, 86.0)], [(30.0, -2.0), (-30.0, -22.0)], 0.0),
    // A weapon overhead.
    pose(Kind::Action, -8.0, [(148.0, 196.0), (160.0, 200.0)], [(30.0, 6.0), (-28.0, -24.0)], 0.0),
    // Thrown back.
    pose(Kind::Action, -38.0, [(70.0, 96.0), (-84.0, -60.0)], [(58.0, 34.0), (24.0, 62.0)], 0.7),
    // Arms thrown wide.
    pose(Kind::Action, -4.0, [(-118.0, -132.0), (116.0, 132.0)], [(-16.0, -14.0), (18.0, 12.0)], 0.0),
    // A hand stretched out, the palm ahead.
    pose(Kind::Action, 6.0, [(92.0, 82.0), (-34.0, -8.0)], [(26.0, 4.0), (-26.0, -24.0)], 0.0),
    // Kneeling.
    pose(Kind::Low, 10.0, [(30.0, 62.0), (-10.0, 24.0)], [(86.0, 0.0), (-4.0, -88.0)], 0.0),
    // Crouching, a hand on the ground.
    pose(Kind::Low, 44.0, [(6.0, 2.0), (-40.0, 20.0)], [(96.0, -42.0), (60.0, -66.0)], 0.0),
    // Sitting on the ground, knees drawn up.
    pose(Kind::Low, -10.0, [(46.0, 84.0), (-26.0, -10.0)], [(118.0, 18.0), (106.0, 12.0)], 0.0),
];

/// The joints of one figure, in pixels of the picture.
#[derive(Debug, Clone)]
pub(super) struct Joints {
    pub(super) head: Point,
    pub(super) neck: Point,
    pub(super) hip: Point,
    /// Shoulder, elbow and hand; the near arm first.
    pub(super) arms: [Shape; 2],
    /// Hip, knee and ankle; the near leg first.
    pub(super) legs: [Shape; 2],
    /// Height of the head, the measure of everything.
    pub(super) unit: f32,
    /// 1 when ahead is to the right, -1 when it is to the left.
    pub(super) facing: f32,
    /// How far the body is turned from the viewer: 0 to the front, 1 well to the side.
    pub(super) turn: f32,
    pub(super) lean: f32,
    /// How far the head is tilted against the spine, in degrees.
    pub(super) nod: f32,
}

/// How a body is built, in heads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Build {
    pub(super) shoulders: f32,
    pub(super) hips: f32,
    pub(super) legs: f32,
    pub(super) limbs: f32,
}

impl Joints {
    /// Bends a body and puts it where it stands.
    pub(super) fn bent(pose: &Pose, build: Build, stand: Stand, turn: f32) -> Self {
        let (unit, facing) = (stand.head_px, stand.facing);
        let (thigh, shin) = (build.legs * 0.52, build.legs * 0.48);
        let leg_spread = build.hips * (0.62 - 0.3 * turn);
        let arm_spread = build.shoulders * (1.0 - 0.32 * turn);
        let hip = p(0.0, 0.0);
        let up = |x: f32, y: f32| rotated(p(x, y), pose.lean);
        let neck = up(0.0, -2.55);
        let limb = |from: Point, (first, second): (f32, f32), lengths: (f32, f32)| {
            let middle = along(from, first, lengths.0);
            vec![from, middle, along(middle, second, lengths.1)]
        };
        let [near_leg, far_leg] = pose.legs;
        let legs =
            [limb(p(-leg_spread, 0.1), near_leg, (thigh, shin)), limb(p(leg_spread, 0.05), far_leg, (thigh, shin))];
        let [near_arm, far_arm] = pose.arms;
        let lengths = (1.42, 1.34);
        let arms = [limb(up(-arm_spread, -2.18), near_arm, lengths), limb(up(arm_spread, -2.22), far_arm, lengths)];
        let head = rotated(p(0.12 * turn, -3.24), pose.lean * 0.75);
        let lowest = legs.iter().flatten().map(|point| point.y).fold(0.2, f32::max) + 0.2;
        let (origin, zero) = match stand.anchor {
            Anchor::Feet(feet) => (feet, p(0.0, lowest + pose.height)),
            Anchor::Head(place) => (place, head),
        };
        let place =
            |point: Point| p(origin.x + (point.x - zero.x) * unit * facing, origin.y + (point.y - zero.y) * unit);
        let all = |limb: Shape| limb.into_iter().map(place).collect::<Shape>();
        Self {
            head: place(head),
            neck: place(neck),
            hip: place(hip),
            arms: arms.map(all),
            legs: legs.map(all),
            unit,
            facing,
            turn,
            lean: pose.lean * facing,
            nod: 0.0,
        }
    }

    /// A point on the body, in heads from the hip along the spine (up is negative) and across it
    /// (ahead is positive).
    pub(super) fn torso(&self, across: f32, up: f32) -> Point {
        let point = rotated(p(across * self.facing, up), self.lean);
        p(self.hip.x + point.x * self.unit, self.hip.y + point.y * self.unit)
    }
}
