//! What a glyph is: an advance and some strokes, on a grid where capitals are 20 units high,
//! y grows downwards and the baseline is y = 20.

use tiny_skia::{PathBuilder, Point, Transform};

/// Height of a capital letter in grid units.
pub(crate) const CAP: f32 = 20.0;
/// Space between two letters in grid units.
pub(crate) const SPACING: f32 = 5.0;
/// Width of a blank in grid units.
pub(crate) const BLANK: f32 = 9.0;

/// One movement of the pen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) points: Vec<Point>,
    /// A smooth stroke is a curve through its points; the others are straight lines.
    pub(crate) smooth: bool,
}

/// The strokes of one character.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Glyph {
    /// Width of the drawn part, without the space after it.
    pub(crate) width: f32,
    pub(crate) strokes: Vec<Stroke>,
}

impl Glyph {
    /// Reads `"x,y x,y; ~x,y x,y"`: strokes separated by semicolons, curves marked with a tilde.
    /// A point that is not two numbers is left out; a test holds every table to its form.
    pub(crate) fn parse(drawing: &str) -> Self {
        let strokes: Vec<Stroke> = drawing.split(';').map(parse_stroke).collect();
        let width = strokes.iter().flat_map(|stroke| &stroke.points).map(|point| point.x).fold(0.0, f32::max);
        Self { width, strokes }
    }

    /// The same strokes, with the unit square of `drawing` placed in a box of the grid.
    pub(crate) fn placed(drawing: &str, (x0, y0, x1, y1): (f32, f32, f32, f32)) -> Vec<Stroke> {
        let mut strokes = Self::parse(drawing).strokes;
        for point in strokes.iter_mut().flat_map(|stroke| &mut stroke.points) {
            *point = Point::from_xy(x0 + point.x * (x1 - x0), y0 + point.y * (y1 - y0));
        }
        strokes
    }

    /// Adds the strokes to a path, through `place` from the grid to the page.
    pub(crate) fn trace(&self, path: &mut PathBuilder, place: Transform) {
        for stroke in &self.strokes {
            let points: Vec<Point> = stroke
                .points
                .iter()
                .map(|point| {
                    let mut point = *point;
                    place.map_point(&mut point);
                    point
                })
                .collect();
            if stroke.smooth {
                trace_curve(path, &points);
            } else {
                trace_lines(path, &points);
            }
        }
    }
}

fn parse_stroke(text: &str) -> Stroke {
    let text = text.trim();
    let smooth = text.starts_with('~');
    let points = text
        .trim_start_matches('~')
        .split_whitespace()
        .filter_map(|pair| {
            let (x, y) = pair.split_once(',')?;
            Some(Point::from_xy(x.parse().ok()?, y.parse().ok()?))
        })
        .collect();
    Stroke { points, smooth }
}

fn trace_lines(path: &mut PathBuilder, points: &[Point]) {
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    path.move_to(first.x, first.y);
    for point in rest {
        path.line_to(point.x, point.y);
    }
}

/// A Catmull-Rom curve, written as the cubic Béziers that a path understands.
fn trace_curve(path: &mut PathBuilder, points: &[Point]) {
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return;
    };
    // A stroke that ends where it began has no ends: its neighbours wrap round.
    let closed = points.len() > 3 && (first - last).length() < 0.01;
    let at = |index: isize| {
        let count = points.len() as isize;
        let index = match (closed, index) {
            (true, i) if i < 0 => count - 2,
            (true, i) if i >= count => 1,
            (_, i) => i.clamp(0, count - 1),
        };
        points.get(index as usize).copied().unwrap_or(first)
    };
    path.move_to(first.x, first.y);
    for index in 0..points.len().saturating_sub(1) as isize {
        let (before, from, to, after) = (at(index - 1), at(index), at(index + 1), at(index + 2));
        path.cubic_to(
            from.x + (to.x - before.x) / 6.0,
            from.y + (to.y - before.y) / 6.0,
            to.x - (after.x - from.x) / 6.0,
            to.y - (after.y - from.y) / 6.0,
            to.x,
            to.y,
        );
    }
}
