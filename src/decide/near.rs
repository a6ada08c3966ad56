//! Distances on the globe, and a sensible order to go from place to place. Never here: who lives where (`config`), days.
use super::occasion::Point;

/// The mean radius of the Earth, in kilometres (IUGG).
const RADIUS: f64 = 6371.0088;
/// The order is improved at most so often; a handful of places needs two or three rounds.
const ROUNDS: usize = 50;

/// The great-circle distance in kilometres (haversine: exact enough near and far, within 0.6 % of the ellipsoid).
#[must_use]
pub fn distance(one: Point, other: Point) -> f64 {
    let (lat1, lat2) = (one.latitude.to_radians(), other.latitude.to_radians());
    let (dlat, dlon) = (lat2 - lat1, (other.longitude - one.longitude).to_radians());
    let half = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * RADIUS * half.clamp(0.0, 1.0).sqrt().asin()
}

/// The order in which to visit points from a start, as their indices: always the nearest next, then every stretch that is
/// shorter the other way round is turned (2-opt). The way back is not counted: one sleeps at the last.
#[must_use]
pub fn order(start: Point, points: &[Point]) -> Vec<usize> {
    let mut route: Vec<usize> = Vec::new();
    let mut here = start;
    while let Some((next, point)) = nearest(here, points, &route) {
        route.push(next);
        here = point;
    }
    for _ in 0..ROUNDS {
        let mut better = false;
        for from in 0..route.len() {
            for to in from + 1..route.len() {
                let mut turned = route.clone();
                if let Some(stretch) = turned.get_mut(from..=to) {
                    stretch.reverse();
                }
                if length(start, points, &turned) + 1e-9 < length(start, points, &route) {
                    route = turned;
                    better = true;
                }
            }
        }
        if !better {
            break;
        }
    }
    route
}

fn nearest(here: Point, points: &[Point], done: &[usize]) -> Option<(usize, Point)> {
    let left = points.iter().copied().enumerate().filter(|(n, _)| !done.contains(n));
    left.min_by(|(_, a), (_, b)| distance(here, *a).total_cmp(&distance(here, *b)))
}

/// How long a route is, in kilometres.
#[must_use]
pub fn length(start: Point, points: &[Point], route: &[usize]) -> f64 {
    let mut here = start;
    let mut sum = 0.0;
    for point in route.iter().filter_map(|n| points.get(*n)) {
        sum += distance(here, *point);
        here = *point;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Point {
        Point { latitude, longitude }
    }

    /// Paris-London, Paris-New York, Suva-Apia over the date line, from pole to pole: by the spherical law of cosines.
    #[test]
    fn distances_are_those_of_the_globe() {
        let (paris, london, york) = (at(48.8566, 2.3522), at(51.5074, -0.1278), at(40.7128, -74.0060));
        for (one, other, km) in [
            (paris, london, 343.6),
            (paris, york, 5837.2),
            (at(-18.14, 178.44), at(-13.83, -171.77), 1150.7),
            (at(90.0, 0.0), at(-90.0, 123.0), 20015.1),
            (at(0.0, 179.9), at(0.0, -179.9), 22.2),
            (paris, paris, 0.0),
        ] {
            assert!((distance(one, other) - km).abs() < km * 0.005 + 0.1, "{}", distance(one, other));
        }
    }

    #[test]
    fn the_order_crosses_nothing() {
        let line: Vec<Point> = [3.0, 1.0, 4.0, 2.0].iter().map(|lon| at(45.0, *lon)).collect();
        assert_eq!(order(at(45.0, 0.0), &line), [1, 3, 0, 2]);
        assert!(order(at(0.0, 0.0), &[]).is_empty());
        // Never longer than any order of five points.
        let points = [at(45.7, 4.8), at(45.2, 5.7), at(46.2, 6.1), at(45.4, 4.4), at(45.9, 6.1)];
        let best = length(points[0], &points, &order(points[0], &points));
        let mut all = vec![vec![]];
        for _ in 0..points.len() {
            all = all
                .into_iter()
                .flat_map(|r: Vec<usize>| {
                    (0..points.len())
                        .filter(|n| !r.contains(n))
                        .map(|n| [r.clone(), vec![n]].concat())
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        let least = all.iter().map(|r| length(points[0], &points, r)).fold(f64::MAX, f64::min);
        assert!(best < least * 1.05, "{best} {least}");
    }
}
