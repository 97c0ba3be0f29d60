//! The sheet while it is drawn on, and the tools: pencil, marker, eraser.
//!
//! Every line is a thin shape whose width swells and tapers and whose course strays a little,
//! as a pencil's does. Shapes are painted over what lies behind them, so that figures hide walls.

use fastrand::Rng;
use tiny_skia::{
    Color, FillRule, Paint, Path, PathBuilder, Pixmap, Point, Transform,
};

use super::geometry::{Area, Shape, curve, distance, hatching, lerp, moved, normal};

/// A tool: how wide, what colour, how loose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Width in units of the page; see [`Page::unit`].
    pub(super) width: f32,
    pub(super) ink: Color,
    /// How far lines stray, 1 for a quick sketch.
    pub(super) loose: f32,
    /// Lines are drawn this often, each time a little differently.
    pub(super) passes: u8,
}

impl Pen {
    pub(super) const fn new(width: f32, ink: Color) -> Self {
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

    pub(super) const fn with_ink(self, ink: Color) -> Self {
        Self { ink, ..self }
    }

    pub(super) fn faint(self, alpha: f32) -> Self {
        let mut ink = self.ink;
        ink.apply_opacity(alpha);
        Self { ink, ..self }
    }
}

/// The colour the sheet has before anything is drawn on it.
pub(super) const PAPER: Color = grey(250, 247, 240, 255);

/// Soft pencil for what is near.
pub(super) const PENCIL: Pen = Pen::new(2.6, grey(46, 43, 46, 225));
/// Hard pencil for what is far.
pub(super) const FAR: Pen = Pen::new(1.8, grey(84, 82, 88, 170));
/// Hatching.
pub(super) const HATCH: Pen = Pen::new(1.5, grey(66, 64, 70, 120));
/// Construction lines.
pub(super) const BLUE: Pen = Pen::new(1.6, grey(96, 146, 206, 105));
/// The director's notes.
pub(super) const RED: Pen = Pen::new(3.4, grey(206, 66, 52, 215));

const fn grey(red: u8, green: u8, blue: u8, alpha: u8) -> Color {
    // `Color::from_rgba8` is not const; the components are in range by construction.
    match Color::from_rgba(
        red as f32 / 255.0,
        green as f32 / 255.0,
        blue as f32 / 255.0,
        alpha as f32 / 255.0,
    ) {
        Some(colour) => colour,
        None => Color::BLACK,
    }
}

/// A grey marker; 0 leaves the paper, 1 is nearly black.
pub(super) fn marker(darkness: f32) -> Color {
    tinted(PAPER, Color::from_rgba8(52, 50, 58, 255), darkness)
}

/// A colour between two, both opaque.
pub(super) fn tinted(from: Color, to: Color, share: f32) -> Color {
    let mix = |a: f32, b: f32| lerp(a, b, share).clamp(0.0, 1.0);
    Color::from_rgba(
        mix(from.red(), to.red()),
        mix(from.green(), to.green()),
        mix(from.blue(), to.blue()),
        1.0,
    )
    .unwrap_or(from)
}

pub(super) struct Page {
    pub(super) canvas: Pixmap,
    pub(super) rng: Rng,
    /// A thousandth of the mean side, in pixels: pens and margins are measured in it.
    pub(super) unit: f32,
    /// The one colour that is washed over some things on this sheet.
    pub(super) accent: Color,
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
    pub(super) fn fill(&mut self, shape: &[Point], ink: Color) {
        let mut path = PathBuilder::new();
        push_polygon(&mut path, shape);
        self.paint(path.finish(), ink);
    }

    /// Covers a shape whose border is a curve.
    pub(super) fn fill_curve(&mut self, points: &[Point], ink: Color) {
        self.fill(&curve(points, true, 6.0 * self.unit), ink);
    }

    /// Covers a curved shape and draws its border.
    pub(super) fn form(&mut self, points: &[Point], ink: Color, pen: Pen) {
        self.fill_curve(points, ink);
        self.ring(points, pen);
    }

    /// Covers a shape with corners and draws its border.
    pub(super) fn block(&mut self, shape: &[Point], ink: Color, pen: Pen) {
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

    /// Covers everything outside the frame, as a mask cut from the same paper.
    pub(super) fn mask(&mut self, frame: Area) {
        let (width, height) = (self.canvas.width() as f32, self.canvas.height() as f32);
        let outside = [
            Area::new(0.0, 0.0, width, frame.top),
            Area::new(0.0, frame.bottom, width, height),
            Area::new(0.0, frame.top, frame.left, frame.bottom),
            Area::new(frame.right, frame.top, width, frame.bottom),
        ];
        for area in outside {
            self.fill(&area.corners(), PAPER);
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
            let taper = (share * (1.0 - share) * 9.0).min(1.0).max(0.25);
            let side = normal(before, after);
            let reach = half_width * pressure * taper;
            left.push(moved(*point, side.x * reach, side.y * reach));
            right.push(moved(*point, -side.x * reach, -side.y * reach));
        }
        left.extend(right.into_iter().rev());
        push_polygon(path, &left);
    }

    fn paint(&mut self, path: Option<Path>, ink: Color) {
        let Some(path) = path else {
            return;
        };
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(ink);
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
