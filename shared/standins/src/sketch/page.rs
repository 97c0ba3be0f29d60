//! The sheet while it is drawn on, and the tools: pencil, marker, eraser.
//!
//! Every line is a thin shape whose width swells and tapers and whose course strays a little,
//! as a pencil's does. Shapes are painted over what lies behind them, so that figures hide walls.

use fastrand::Rng;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Point, Transform};

use super::geometry::{Area, Shape, curve, distance, hatching, lerp, moved, normal};

/// A tool: how wide, what colour, how loose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Width in units of the page; see [`Page::unit`].
    pub(super) width: f32,
    pub(super) ink: Ink,
    /// How far lines stray, 1 for a quick sketch.
    pub(super) loose: f32,
    /// Lines are drawn this often, each time a little differently.
    pub(super) passes: u8,
}

impl Pen {
    pub(super) const fn new(width: f32, ink: Ink) -> Self {
        Self { width, ink, loose: 1.0, passes: 1 }
    }

    pub(super) const fn wide(self, times: f32) -> Self {
        Self { width: self.width * times, ..self }
    }

    pub(super) const fn twice(self) -> Self {
        Self { passes: 2, ..self }
    }

    pub(super) const fn steady(self) -> Self {
        Self { loose: 0.35, ..self }
    }

    pub(super) const fn with_ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub(super) fn faint(self, alpha: f32) -> Self {
        let alpha = (f32::from(self.ink.alpha) * alpha) as u8;
        Self { ink: Ink { alpha, ..self.ink }, ..self }
    }
}

/// The colour the sheet has before anything is drawn on it.
pub(super) const PAPER: Ink = Ink::new(250, 247, 240, 255);

/// Soft pencil for what is near.
pub(super) const PENCIL: Pen = Pen::new(2.6, Ink::new(34, 31, 35, 238));
/// Hard pencil for what is far.
pub(super) const FAR: Pen = Pen::new(1.8, Ink::new(70, 68, 76, 185));
/// Hatching.
pub(super) const HATCH: Pen = Pen::new(1.5, Ink::new(58, 56, 63, 135));
/// Construction lines.
pub(super) const BLUE: Pen = Pen::new(1.6, Ink::new(96, 146, 206, 105));
/// The director's notes.
pub(super) const RED: Pen = Pen::new(3.4, Ink::new(206, 66, 52, 215));

/// A colour that can be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) red: u8,
    pub(super) green: u8,
    pub(super) blue: u8,
    pub(super) alpha: u8,
}

impl Ink {
    pub(super) const fn new(red: u8, green: u8, blue: u8, alpha: u8) -> Self {
        Self { red, green, blue, alpha }
    }

    pub(super) fn colour(self) -> Color {
        Color::from_rgba8(self.red, self.green, self.blue, self.alpha)
    }

    /// Dark enough that pencil lines vanish on it.
    pub(super) fn is_dark(self) -> bool {
        self.red < 150
    }

    /// This share of the way to another colour; the result is opaque.
    pub(super) fn tinted(self, to: Self, share: f32) -> Self {
        let mix = |a: u8, b: u8| lerp(f32::from(a), f32::from(b), share.clamp(0.0, 1.0)) as u8;
        Self::new(mix(self.red, to.red), mix(self.green, to.green), mix(self.blue, to.blue), u8::MAX)
    }
}

/// A grey marker; 0 leaves the paper, 1 is nearly black.
pub(super) fn marker(darkness: f32) -> Ink {
    PAPER.tinted(Ink::new(38, 35, 42, 255), darkness)
}

pub(super) struct Page {
    pub(super) canvas: Pixmap,
    pub(super) rng: Rng,
    /// A thousandth of the mean side, in pixels: pens and margins are measured in it.
    pub(super) unit: f32,
    /// The one colour that is washed over some things on this sheet.
    pub(super) accent: Ink,
}

impl Page {
    pub(super) fn between(&mut self, from: f32, to: f32) -> f32 {
        lerp(from, to, self.rng.f32())
    }

    pub(super) fn chance(&mut self, share: f32) -> bool {
        self.rng.f32() < share
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        self.rng.choice(from).copied()
    }

    /// Either -1 or 1.
    pub(super) fn side(&mut self) -> f32 {
        if self.rng.bool() { 1.0 } else { -1.0 }
    }

    pub(super) fn line(&mut self, from: Point, to: Point, pen: Pen) {
        self.lines(&[(from, to)], pen);
    }

    /// Many straight lines at the price of one.
    pub(super) fn lines(&mut self, lines: &[(Point, Point)], pen: Pen) {
        let mut path = PathBuilder::new();
        for (from, to) in lines {
            self.trace(&mut path, &[*from, *to], false, pen);
        }
        self.paint(path.finish(), pen.ink);
    }

    /// A line with corners.
    pub(super) fn corners(&mut self, points: &[Point], pen: Pen) {
        let lines: Vec<_> = points.iter().copied().zip(points.iter().copied().skip(1)).collect();
        self.lines(&lines, pen);
    }

    /// The outline of a shape with corners.
    pub(super) fn outline(&mut self, shape: &[Point], pen: Pen) {
        let next = shape.iter().copied().cycle().skip(1);
        let lines: Vec<_> = shape.iter().copied().zip(next).collect();
        self.lines(&lines, pen);
    }

    /// An open curve through the points.
    pub(super) fn curve(&mut self, points: &[Point], pen: Pen) {
        self.curves(&[points.to_vec()], pen);
    }

    /// Many open curves at the price of one.
    pub(super) fn curves(&mut self, curves: &[Shape], pen: Pen) {
        let mut path = PathBuilder::new();
        for points in curves {
            self.trace(&mut path, points, false, pen);
        }
        self.paint(path.finish(), pen.ink);
    }

    /// A closed curve through the points.
    pub(super) fn ring(&mut self, points: &[Point], pen: Pen) {
        let mut path = PathBuilder::new();
        self.trace(&mut path, points, true, pen);
        self.paint(path.finish(), pen.ink);
    }

    /// Covers a shape with corners.
    pub(super) fn fill(&mut self, shape: &[Point], ink: Ink) {
        let mut path = PathBuilder::new();
        push_polygon(&mut path, shape);
        self.paint(path.finish(), ink);
    }

    /// Covers a shape whose border is a curve.
    pub(super) fn fill_curve(&mut self, points: &[Point], ink: Ink) {
        self.fill(&curve(points, true, 6.0 * self.unit), ink);
    }

    /// Covers a curved shape and draws its border.
    pub(super) fn form(&mut self, points: &[Point], ink: Ink, pen: Pen) {
        self.fill_curve(points, ink);
        self.ring(points, pen);
    }

    /// Covers a shape with corners and draws its border.
    pub(super) fn block(&mut self, shape: &[Point], ink: Ink, pen: Pen) {
        self.fill(shape, ink);
        self.outline(shape, pen);
    }

    /// Fills a shape with parallel lines; `spacing` is in units.
    pub(super) fn hatch(&mut self, shape: &[Point], degrees: f32, spacing: f32, pen: Pen) {
        let turned = degrees + self.between(-4.0, 4.0);
        let mut lines = hatching(shape, turned, spacing * self.unit);
        for (from, to) in &mut lines {
            let reach = distance(*from, *to);
            let (short, long) = (self.between(0.0, 0.12), self.between(0.88, 1.04));
            let (a, b) = (*from, *to);
            if reach > 4.0 * self.unit {
                *from = super::geometry::between(a, b, short);
                *to = super::geometry::between(a, b, long);
            }
        }
        self.lines(&lines, pen);
    }

    /// Copies what another sheet of the same size has inside the frame.
    pub(super) fn copy(&mut self, from: &Pixmap, frame: Area) {
        let stride = self.canvas.width() as usize * 4;
        let (left, right) = (frame.left.max(0.0) as usize * 4, frame.right.max(0.0) as usize * 4);
        let (top, bottom) = (frame.top.max(0.0) as usize, frame.bottom.max(0.0) as usize);
        let rows = from.data().chunks_exact(stride).zip(self.canvas.data_mut().chunks_exact_mut(stride));
        for (from, to) in rows.skip(top).take(bottom.saturating_sub(top)) {
            if let (Some(from), Some(to)) = (from.get(left..right), to.get_mut(left..right)) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Adds one line to a path: a shape that follows the points and strays on the way.
    fn trace(&mut self, path: &mut PathBuilder, points: &[Point], closed: bool, pen: Pen) {
        for pass in 0..pen.passes {
            let course = curve(points, closed, 9.0 * self.unit);
            let course = self.strayed(course, closed, pen.loose * (1.0 + f32::from(pass)));
            let width = pen.width * self.unit * if pass == 0 { 0.5 } else { 0.32 };
            self.swell(path, &course, width);
        }
    }

    /// Moves the points of a line off their course by a slow random walk.
    fn strayed(&mut self, mut course: Shape, closed: bool, loose: f32) -> Shape {
        let reach = 1.5 * loose * self.unit;
        let last = course.len().saturating_sub(1).max(1) as f32;
        let (mut x, mut y) = (self.between(-reach, reach), self.between(-reach, reach));
        for (index, point) in course.iter_mut().enumerate() {
            x = (x + self.between(-reach, reach) * 0.45).clamp(-reach, reach);
            y = (y + self.between(-reach, reach) * 0.45).clamp(-reach, reach);
            // A ring has to meet itself again.
            let share = index as f32 / last;
            let fade = if closed { (share * (1.0 - share) * 8.0).min(1.0) } else { 1.0 };
            *point = moved(*point, x * fade, y * fade);
        }
        course
    }

    /// Turns a course into a thin shape, thinner at its ends.
    fn swell(&mut self, path: &mut PathBuilder, course: &[Point], half_width: f32) {
        let (Some(first), Some(last)) = (course.first().copied(), course.last().copied()) else {
            return;
        };
        let count = course.len() as f32;
        let mut left = Vec::with_capacity(course.len());
        let mut right = Vec::with_capacity(course.len());
        let mut pressure = self.between(0.8, 1.1);
        for (index, point) in course.iter().enumerate() {
            let before = course.get(index.wrapping_sub(1)).copied().unwrap_or(first);
            let after = course.get(index + 1).copied().unwrap_or(last);
            let share = (index as f32 + 0.5) / count;
            pressure = (pressure + self.between(-0.08, 0.08)).clamp(0.7, 1.2);
            let taper = (share * (1.0 - share) * 9.0).clamp(0.25, 1.0);
            let side = normal(before, after);
            let reach = half_width * pressure * taper;
            left.push(moved(*point, side.x * reach, side.y * reach));
            right.push(moved(*point, -side.x * reach, -side.y * reach));
        }
        left.extend(right.into_iter().rev());
        push_polygon(path, &left);
    }

    fn paint(&mut self, path: Option<Path>, ink: Ink) {
        let Some(path) = path else {
            return;
        };
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(ink.colour());
        self.canvas.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    }
}

fn push_polygon(path: &mut PathBuilder, points: &[Point]) {
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    path.move_to(first.x, first.y);
    for point in rest {
        path.line_to(point.x, point.y);
    }
    path.close();
}
