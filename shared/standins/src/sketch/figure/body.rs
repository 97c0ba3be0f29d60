//! The body from back to front: far limbs, legs, trunk, head, near arm.

use tiny_skia::Point;

use super::{Joints, Mood, Person, Prop, dress, face, hair, sleeve};
use crate::sketch::{
    geometry::{along, between, curve, distance, lerp, moved, normal, p},
    page::{HATCH, Ink, PAPER, PENCIL, Page, marker},
};

pub(super) fn draw(page: &mut Page, person: &Person, joints: &Joints, mood: Mood) {
    ground_shadow(page, joints);
    let [near_arm, far_arm] = &joints.arms;
    let [near_leg, far_leg] = &joints.legs;
    hair::behind(page, person, joints);
    dress::behind(page, person, joints);
    arm(page, person, joints, far_arm, true);
    leg(page, person, joints, far_leg, true);
    leg(page, person, joints, near_leg, false);
    neck(page, joints);
    trunk(page, person, joints);
    dress::over(page, person, joints);
    face::draw(page, person, joints, mood);
    arm(page, person, joints, near_arm, false);
}

/// A scribble on the ground ties the figure to it.
fn ground_shadow(page: &mut Page, joints: &Joints) {
    let ground = joints.legs.iter().flatten().map(|point| point.y).fold(f32::MIN, f32::max);
    let unit = joints.unit;
    let y = ground + unit * 0.26;
    let (left, right) = (joints.hip.x - unit * 1.5, joints.hip.x + unit * 1.5);
    let strokes: Vec<_> = (0..7_u8)
        .map(|step| {
            let share = f32::from(step) / 6.0;
            let half = 1.0 - (share - 0.4).abs();
            let y = y + (share - 0.4) * unit * 0.34;
            let middle = lerp(left, right, 0.5) + unit * 0.2;
            (p(middle - half * unit * 1.5, y), p(middle + half * unit * 1.4, y))
        })
        .collect();
    page.lines(&strokes, HATCH.wide(1.4));
}

fn neck(page: &mut Page, joints: &Joints) {
    let unit = joints.unit;
    let from = between(joints.neck, joints.head, 0.62);
    let to = between(joints.neck, joints.hip, 0.12);
    let shape = sleeve(&[from, to], &[unit * 0.19, unit * 0.2, unit * 0.3]);
    page.form(&shape, PAPER, PENCIL);
    let side = joints.facing * unit;
    let shadow = [
        moved(from, -0.18 * side, 0.1 * unit),
        moved(from, 0.2 * side, 0.12 * unit),
        moved(to, 0.02 * side, -0.2 * unit),
    ];
    page.hatch(&shadow, 40.0, 7.0, HATCH);
}

fn trunk(page: &mut Page, person: &Person, joints: &Joints) {
    let build = person.build;
    let wide = build.shoulders * (1.0 - 0.28 * joints.turn);
    let hips = build.hips * (1.0 - 0.1 * joints.turn);
    let waist = hips * 0.88;
    let at = |across, up| joints.torso(across, up);
    let shape = [
        at(-0.24, -2.62),
        at(-wide * 0.72, -2.5),
        at(-wide * 1.02, -2.2),
        at(-wide * 0.86, -1.55),
        at(-waist, -0.82),
        at(-hips * 1.06, 0.0),
        at(-hips * 0.7, 0.32),
        at(hips * 0.7, 0.3),
        at(hips * 1.06, 0.0),
        at(waist * 1.02, -0.82),
        at(wide * 0.9, -1.5),
        at(wide * 1.02, -2.2),
        at(wide * 0.72, -2.5),
        at(0.26, -2.62),
    ];
    page.form(&shape, person.top_ink, PENCIL);
    // The side away from the light.
    let shadow = [
        at(-wide * 0.98, -2.15),
        at(-wide * 0.45, -1.9),
        at(-waist * 0.4, -0.8),
        at(-hips * 0.5, 0.2),
        at(-hips, 0.1),
        at(-waist * 0.96, -0.8),
    ];
    page.hatch(&curve(&shadow, true, joints.unit * 0.2), 62.0, 8.0, HATCH);
    folds(page, at(-waist * 0.9, -0.75), at(waist * 0.2, -0.6), joints.unit);
}

fn leg(page: &mut Page, person: &Person, joints: &Joints, course: &[Point], far: bool) {
    let (unit, limbs) = (joints.unit, person.build.limbs);
    let ink = shaded(person.legs_ink, far);
    let width = |heads: f32| heads * limbs * unit;
    let widths = [0.42, 0.36, 0.25, 0.26, 0.16].map(width);
    if let (Some(knee), Some(ankle)) = (course.get(1), course.get(2)) {
        foot(page, joints, *knee, *ankle, person);
    }
    let shape = sleeve(course, &widths);
    page.form(&shape, ink, PENCIL);
    if let (Some(hip), Some(knee), Some(ankle)) = (course.first(), course.get(1), course.get(2)) {
        folds(page, moved(*knee, -0.2 * unit, 0.02 * unit), moved(*knee, 0.2 * unit, 0.1 * unit), unit);
        folds(page, between(*knee, *ankle, 0.85), moved(between(*knee, *ankle, 0.8), 0.15 * unit, 0.05 * unit), unit);
        flank(page, *hip, *knee, width(0.34), joints.facing);
        if far {
            flank(page, *knee, *ankle, width(0.24), joints.facing);
        }
    }
}

fn foot(page: &mut Page, joints: &Joints, knee: Point, ankle: Point, person: &Person) {
    let unit = joints.unit;
    // The sole follows the shin: flat when one stands on it, steep when it has left the ground.
    let bend = ((ankle.x - knee.x) * joints.facing).atan2(ankle.y - knee.y).to_degrees();
    let toe = joints.facing * (if bend < -50.0 { 20.0 } else { 84.0 - bend.clamp(-40.0, 30.0) * 0.4 });
    let length = unit * lerp(0.46, 0.72, joints.turn);
    let heel = along(ankle, toe + 180.0, unit * 0.16);
    let tip = along(ankle, toe, length);
    let down = |point: Point, by: f32| along(point, toe - 90.0 * joints.facing, unit * by);
    let shape = [
        along(heel, toe + 90.0 * joints.facing, unit * 0.1),
        down(heel, 0.2),
        down(ankle, 0.24),
        down(tip, 0.22),
        down(along(tip, toe, unit * 0.08), 0.1),
        down(between(ankle, tip, 0.72), -0.04),
        along(ankle, toe + 90.0 * joints.facing, unit * 0.14),
    ];
    page.form(&shape, person.legs_ink.tinted(marker(0.8), 0.55), PENCIL);
}

fn arm(page: &mut Page, person: &Person, joints: &Joints, course: &[Point], far: bool) {
    let (unit, limbs) = (joints.unit, person.build.limbs);
    let width = |heads: f32| heads * limbs * unit;
    let (Some(shoulder), Some(elbow), Some(wrist)) = (course.first(), course.get(1), course.get(2)) else {
        return;
    };
    // In a close shot a weapon would be a bar across the picture.
    if !far && unit < 210.0 * page.unit {
        prop(page, person, joints, *elbow, *wrist);
    }
    hand(page, *elbow, *wrist, unit * 0.9);
    let bare = person.dress.bare_arms();
    let ink = if bare { PAPER } else { shaded(person.top_ink, far) };
    let cuff = if bare { 0.11 } else { 0.16 };
    let shape = sleeve(course, &[0.3, 0.24, 0.19, 0.2, cuff].map(width));
    page.form(&shape, ink, PENCIL);
    if bare {
        let sleeve_end = between(*shoulder, *elbow, 0.55);
        let shape = sleeve(&[*shoulder, sleeve_end], &[0.33, 0.31, 0.27].map(width));
        page.form(&shape, shaded(person.top_ink, far), PENCIL);
    }
    folds(page, moved(*elbow, -0.14 * unit, -0.02 * unit), moved(*elbow, 0.14 * unit, 0.08 * unit), unit);
    flank(page, *shoulder, *elbow, width(0.24), joints.facing);
}

/// A mitten with a thumb and the lines of the fingers: more would be too much at this size.
fn hand(page: &mut Page, elbow: Point, wrist: Point, unit: f32) {
    let reach = distance(elbow, wrist).max(1.0);
    let ahead = |by: f32| between(elbow, wrist, 1.0 + by * unit / reach);
    let side = normal(elbow, wrist);
    let beside = |point: Point, by: f32| moved(point, side.x * by * unit, side.y * by * unit);
    let palm = [
        beside(wrist, 0.12),
        beside(ahead(0.2), 0.19),
        beside(ahead(0.46), 0.13),
        ahead(0.52),
        beside(ahead(0.44), -0.13),
        beside(ahead(0.2), -0.17),
        beside(wrist, -0.12),
    ];
    page.form(&palm, PAPER, PENCIL);
    let thumb = [beside(ahead(0.06), 0.15), beside(ahead(0.2), 0.26), beside(ahead(0.36), 0.2)];
    let fingers = [
        vec![beside(ahead(0.26), 0.05), beside(ahead(0.48), 0.05)],
        vec![beside(ahead(0.26), -0.05), beside(ahead(0.48), -0.06)],
        thumb.to_vec(),
    ];
    page.curves(&fingers, PENCIL.wide(0.6));
}

fn prop(page: &mut Page, person: &Person, joints: &Joints, elbow: Point, wrist: Point) {
    let unit = joints.unit;
    let ahead = between(elbow, wrist, 1.16);
    let arm = (wrist.x - elbow.x).atan2(wrist.y - elbow.y).to_degrees();
    match person.prop {
        Prop::None => {}
        Prop::Sword => {
            let aim = arm + joints.facing * 62.0;
            let (grip, guard) = (along(ahead, aim + 180.0, unit * 0.45), along(ahead, aim, unit * 0.3));
            let tip = along(ahead, aim, unit * 4.2);
            page.line(grip, guard, PENCIL.wide(2.6));
            let side = normal(guard, tip);
            let edge = |by: f32| moved(guard, side.x * unit * by, side.y * unit * by);
            let near_tip = between(guard, tip, 0.93);
            let upper = moved(near_tip, side.x * unit * 0.09, side.y * unit * 0.09);
            page.block(&[edge(0.11), upper, tip, edge(-0.11)], PAPER, PENCIL);
            page.line(guard, between(guard, tip, 0.8), HATCH);
            page.line(edge(0.42), edge(-0.42), PENCIL.wide(2.2));
        }
        Prop::Staff => {
            let aim = arm + joints.facing * 84.0;
            let ends = (along(ahead, aim + 180.0, unit * 2.6), along(ahead, aim, unit * 2.9));
            page.line(ends.0, ends.1, PENCIL.wide(2.4));
            let knob = crate::sketch::geometry::ellipse(ends.1, unit * 0.26, unit * 0.26, 8);
            let ink = PAPER.tinted(page.accent, 0.7);
            page.form(&knob, ink, PENCIL);
        }
        Prop::Bag => {
            let top = moved(ahead, 0.0, unit * 0.45);
            let bag = [
                moved(top, -0.5 * unit, 0.0),
                moved(top, 0.5 * unit, 0.02 * unit),
                moved(top, 0.56 * unit, 0.85 * unit),
                moved(top, -0.56 * unit, 0.85 * unit),
            ];
            page.curve(&[moved(top, -0.2 * unit, 0.0), ahead, moved(top, 0.2 * unit, 0.0)], PENCIL);
            page.block(&bag, marker(0.3), PENCIL);
        }
    }
}

/// Three short strokes where cloth is pulled.
fn folds(page: &mut Page, from: Point, to: Point, unit: f32) {
    let strokes: Vec<_> = [0.0, 0.14, 0.3]
        .iter()
        .map(|drop| {
            let (a, b) = (moved(from, 0.0, drop * unit), moved(to, -drop * unit * 0.6, drop * unit * 0.5));
            vec![a, moved(between(a, b, 0.5), 0.0, unit * 0.07), b]
        })
        .collect();
    page.curves(&strokes, HATCH);
}

/// Hatching along the far side of a limb.
fn flank(page: &mut Page, from: Point, to: Point, width: f32, facing: f32) {
    let side = normal(from, to);
    let by = width * facing * if to.y > from.y { 1.0 } else { -1.0 };
    let out = |point: Point, share: f32| moved(point, side.x * by * share, side.y * by * share);
    let shape = [
        out(between(from, to, 0.12), -0.9),
        out(between(from, to, 0.92), -0.85),
        out(between(from, to, 0.9), -0.3),
        out(between(from, to, 0.2), -0.2),
    ];
    page.hatch(&shape, 58.0, 7.5, HATCH);
}

fn shaded(ink: Ink, far: bool) -> Ink {
    if far { ink.tinted(marker(1.0), 0.16) } else { ink }
}
