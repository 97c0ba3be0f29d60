//! Points, and the few things that are done with them.

use tiny_skia::Point;

/// A closed or open run of points, in pixels of the picture.
pub(super) type Shape = Vec<Point>;

pub(super) fn p(x: f32, y: f32) -> Point {
    Point::from_xy(x, y)
}

pub(super) fn lerp(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

pub(super) fn between(from: Point, to: Point, share: f32) -> Point {
    p(lerp(from.x, to.x, share), lerp(from.y, to.y, share))
}

pub(super) fn moved(point: Point, x: f32, y: f32) -> Point {
    p(point.x + x, point.y + y)
}

/// The point this far away in this direction; 0 degrees is down and 90 is to the right.
pub(super) fn along(from: Point, degrees: f32, length: f32) -> Point {
    let (sin, cos) = degrees.to_radians().sin_cos();
    moved(from, sin * length, cos * length)
}

pub(super) fn distance(from: Point, to: Point) -> f32 {
    (to.x - from.x).hypot(to.y - from.y)
}

/// The unit vector to the left of somebody who walks from the one to the other.
pub(super) fn normal(from: Point, to: Point) -> Point {
    let length = distance(from, to).max(1e-3);
    p((to.y - from.y) / length, (from.x - to.x) / length)
}

pub(super) fn rotated(point: Point, degrees: f32) -> Point {
    let (sin, cos) = degrees.to_radians().sin_cos();
    p(point.x * cos - point.y * sin, point.x * sin + point.y * cos)
}

/// Points on an ellipse, clockwise from the right.
pub(super) fn ellipse(centre: Point, rx: f32, ry: f32, count: u16) -> Shape {
    (0..count)
        .map(|index| {
            let (sin, cos) = (f32::from(index) / f32::from(count) * std::f32::consts::TAU).sin_cos();
            moved(centre, cos * rx, sin * ry)
        })
        .collect()
}

/// A curve through the points, as points no further apart than `step`.
pub(super) fn curve(points: &[Point], closed: bool, step: f32) -> Shape {
    let count = points.len();
    if count < 3 {
        return straight(points, step);
    }
    let at = |index: usize, shift: isize| {
        let index = index.cast_signed() + shift;
        let index =
            if closed { index.rem_euclid(count.cast_signed()) } else { index.clamp(0, count.cast_signed() - 1) };
        points.get(index.cast_unsigned()).copied().unwrap_or_default()
    };
    let mut curve = Vec::new();
    for index in 0..if closed { count } else { count - 1 } {
        let four @ [_, from, to, _] = [at(index, -1), at(index, 0), at(index, 1), at(index, 2)];
        let steps = (distance(from, to) / step).ceil().clamp(1.0, 40.0);
        let mut done = 0.0;
        while done < steps {
            curve.push(catmull_rom(four, done / steps));
            done += 1.0;
        }
    }
    curve.push(if closed { at(0, 0) } else { at(count, -1) });
    curve
}

/// The point at this share of the way between the two inner ones of four.
fn catmull_rom([before, from, to, after]: [Point; 4], share: f32) -> Point {
    let axis = |[before, from, to, after]: [f32; 4]| {
        let bend = 2.0 * before - 5.0 * from + 4.0 * to - after;
        let twist = 3.0 * from - before - 3.0 * to + after;
        from + 0.5 * share * (to - before + share * (bend + share * twist))
    };
    p(axis([before.x, from.x, to.x, after.x]), axis([before.y, from.y, to.y, after.y]))
}

fn straight(points: &[Point], step: f32) -> Shape {
    let (Some(from), Some(to)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let steps = (distance(*from, *to) / (step * 3.0)).ceil().clamp(2.0, 40.0);
    let mut line = Vec::new();
    let mut done = 0.0;
    while done <= steps {
        line.push(between(*from, *to, done / steps));
        done += 1.0;
    }
    line
}

/// Parallel lines that fill a polygon, as pairs of ends.
pub(super) fn hatching(polygon: &[Point], degrees: f32, spacing: f32) -> Vec<(Point, Point)> {
    let turned: Shape = polygon.iter().map(|point| rotated(*point, -degrees)).collect();
    let (low, high) =
        turned.iter().fold((f32::MAX, f32::MIN), |(low, high), point| (low.min(point.y), high.max(point.y)));
    let mut lines = Vec::new();
    let mut y = low + spacing * 0.5;
    while y < high {
        let mut crossings: Vec<f32> = turned
            .iter()
            .zip(turned.iter().cycle().skip(1))
            .filter(|(from, to)| (from.y <= y) != (to.y <= y))
            .map(|(from, to)| lerp(from.x, to.x, (y - from.y) / (to.y - from.y)))
            .collect();
        crossings.sort_by(f32::total_cmp);
        for pair in crossings.chunks_exact(2) {
            if let [from, to] = pair {
                lines.push((rotated(p(*from, y), degrees), rotated(p(*to, y), degrees)));
            }
        }
        y += spacing;
    }
    lines
}

/// A box in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Area {
    pub(super) fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// The point at these shares of the width and the height.
    pub(super) fn at(&self, x: f32, y: f32) -> Point {
        p(lerp(self.left, self.right, x), lerp(self.top, self.bottom, y))
    }

    pub(super) fn corners(&self) -> Shape {
        vec![self.at(0.0, 0.0), self.at(1.0, 0.0), self.at(1.0, 1.0), self.at(0.0, 1.0)]
    }

    pub(super) fn grown(&self, by: f32) -> Self {
        Self::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_hatched_from_edge_to_edge() {
        let lines = hatching(&Area::new(0.0, 0.0, 100.0, 100.0).corners(), 0.0, 10.0);
        assert_eq!(lines.len(), 10);
        assert!(lines.iter().all(|(from, to)| (distance(*from, *to) - 100.0).abs() < 0.1));
    }

    #[test]
    fn a_curve_passes_through_its_points() {
        let points = [p(0.0, 0.0), p(50.0, 80.0), p(100.0, 0.0)];
        let curve = curve(&points, false, 5.0);
        for point in points {
            assert!(curve.iter().any(|sample| distance(*sample, point) < 0.01));
        }
    }
}
