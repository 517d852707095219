//! Draws each kind of chart.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    BitMapBackend, Cartesian2d, ChartBuilder, ChartContext, Circle, DashedLineSeries, LineSeries,
    PathElement, Polygon, Rectangle, TriangleMarker,
};
use plotters::style::{Color as _, RGBColor};

use super::Error;
use super::canvas::{Canvas, Face, INK, MARGIN, OTHERS, OWN, PALE, RIGHT, SIDE, SMALL, Side, WELL};
use crate::domain::chart::{ChartData, Drawing, Mark, Point, Row, Tie, Time};

/// Most lines of a title, of what a chart says and of what a reader must know.
const TITLE_LINES: usize = 2;
const SAID_LINES: usize = 4;
const NOTE_LINES: usize = 4;
/// Between the parts of a picture.
const GAP: i32 = 26;
/// Thickness of a bar.
const BAR: i32 = 26;
/// Room for three dots where members are left out.
const SKIP: i32 = 30;

type Chart<'a> = ChartContext<'a, BitMapBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws all of a chart on a blank sheet.
pub(super) fn draw(canvas: &Canvas<'_>, data: &ChartData) -> Result<(), Error> {
    let width = RIGHT - MARGIN;
    let mut top = MARGIN;
    for line in canvas.lines(&data.title, Face::TITLE, width, TITLE_LINES)? {
        top += Face::TITLE.line();
        canvas.write(&line, (MARGIN, top - 14), Side::Right, Face::TITLE)?;
    }
    let mut room = SAID_LINES;
    for text in &data.says {
        for line in canvas.lines(text, Face::SMALL, width, room.max(1))? {
            top += Face::SMALL.line();
            canvas.write(&line, (MARGIN, top - 6), Side::Right, Face::SMALL)?;
            room = room.saturating_sub(1);
        }
    }
    let mut bottom = SIDE as i32 - MARGIN;
    canvas.write(
        &canvas.fitted(&data.source, Face::SMALL, width)?,
        (MARGIN, bottom),
        Side::Right,
        Face::SMALL,
    )?;
    bottom -= Face::SMALL.line();
    let mut notes = Vec::new();
    for text in &data.notes {
        let left = NOTE_LINES.saturating_sub(notes.len());
        if left > 0 {
            notes.extend(canvas.lines(text, Face::SMALL, width, left)?);
        }
    }
    for line in notes.iter().rev() {
        canvas.write(line, (MARGIN, bottom), Side::Right, Face::SMALL)?;
        bottom -= Face::SMALL.line();
    }
    let (top, bottom) = (top + GAP, bottom + Face::SMALL.line() - SMALL as i32 - GAP);
    match &data.drawing {
        Drawing::Bars { rows, median } => bars(canvas, rows, median.as_ref(), (top, bottom)),
        Drawing::Trend { points } => trend(canvas, points, (top, bottom)),
        Drawing::Distribution { values, marks, own, shares, counted } => {
            distribution(canvas, values, (marks, *own), (*shares, counted), (top, bottom))
        }
        Drawing::Progress { have, need, total, below } => {
            progress(canvas, (*have, *need), total, below, (top, bottom))
        }
        Drawing::Times { rows } => times(canvas, rows, (top, bottom)),
    }
}

/// A chart of values by pixels downwards, between two heights of the sheet.
fn across<'a>(
    area: &super::canvas::Area<'a>,
    (low, high): (f64, f64),
    (top, bottom): (i32, i32),
) -> Result<Chart<'a>, Error> {
    let high = if high > low { high } else { low + 1.0 };
    let sheet = area.clone().shrink((MARGIN, top), (RIGHT - MARGIN, bottom - top));
    ChartBuilder::on(&sheet)
        .build_cartesian_2d(low..high, f64::from(bottom - top)..0.0)
        .map_err(Error::drawing)
}

/// From the least to the greatest value, 0 among them.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.filter(|it| it.is_finite()).fold((0.0, 0.0), |(low, high), it| (low.min(it), high.max(it)))
}

/// A bar for each row, its name above it and its value at the right.
fn bars(
    canvas: &Canvas<'_>,
    rows: &[Row],
    median: Option<&Mark>,
    (top, bottom): (i32, i32),
) -> Result<(), Error> {
    let label = if median.is_some() { Face::SMALL.line() } else { 0 };
    let skips = rows.iter().filter(|it| it.after_gap).count() as i32 * SKIP;
    let room = bottom - top - label - skips;
    let height = (room / (rows.len() as i32).max(1)).min(104);
    let end = top + height * rows.len() as i32 + skips;
    let values = rows.iter().filter_map(|it| it.value).chain(median.map(|it| it.value));
    let mut chart = across(&canvas.area, span(values), (top, end))?;
    let mut y = 0;
    for row in rows {
        if row.after_gap {
            for dot in 0..3 {
                let at = (MARGIN + 18 + dot * 22, top + y + SKIP / 2 - 4);
                canvas.area.draw(&Circle::new(at, 5, INK.filled())).map_err(Error::drawing)?;
            }
            y += SKIP;
        }
        let (face, colour) = if row.own { (Face::STRONG, OWN) } else { (Face::SMALL, OTHERS) };
        let foot = top + y + SMALL as i32 - 4;
        canvas.write(&row.written, (RIGHT, foot), Side::Left, face)?;
        let mut left = MARGIN;
        if row.own {
            // A pointer, so that the bar is known without its colour.
            let points = vec![(left, foot - 32), (left, foot), (left + 26, foot - 16)];
            canvas.area.draw(&Polygon::new(points, OWN.filled())).map_err(Error::drawing)?;
            left += 40;
        }
        if let Some(rank) = &row.rank {
            canvas.write(rank, (left, foot), Side::Right, face)?;
            left += canvas.width(rank, face)? + 16;
        }
        let room = RIGHT - canvas.width(&row.written, face)? - 24 - left;
        canvas.write(&canvas.fitted(&row.name, face, room)?, (left, foot), Side::Right, face)?;
        let from = f64::from(y + SMALL as i32 + 8);
        if let Some(value) = row.value {
            let bar = Rectangle::new([(0.0, from), (value, from + f64::from(BAR))], colour.filled());
            chart.draw_series([bar]).map_err(Error::drawing)?;
        }
        let zero = chart.backend_coord(&(0.0, from));
        canvas.fill((zero.0 - 1, zero.1 - 5), (zero.0 + 1, zero.1 + BAR + 5), INK)?;
        y += height;
    }
    if let Some(line) = median {
        let x = chart.backend_coord(&(line.value, 0.0)).0;
        // Over the bars only, so that it crosses no letter.
        let mut y = 0;
        for row in rows {
            y += if row.after_gap { SKIP } else { 0 };
            let from = top + y + SMALL as i32 + 2;
            canvas.fill((x - 3, from), (x + 2, from + BAR + 12), INK)?;
            y += height;
        }
        canvas.fill((x - 3, end - 6), (x + 2, end + 4), INK)?;
        near(canvas, &line.label, (x, end + SMALL as i32), Face::SMALL)?;
    }
    Ok(())
}

/// Writes a text with its middle near a point, as far as the margins let it.
fn near(canvas: &Canvas<'_>, text: &str, (x, foot): (i32, i32), face: Face) -> Result<(), Error> {
    let width = canvas.width(text, face)?;
    let left = (x - width / 2).min(RIGHT - width).max(MARGIN);
    canvas.write(text, (left, foot), Side::Right, face)
}

/// The years from left to right, each value written at its point.
fn trend(canvas: &Canvas<'_>, points: &[Point], (top, bottom): (i32, i32)) -> Result<(), Error> {
    let (first, last) = match (points.first(), points.last()) {
        (Some(first), Some(last)) => (f64::from(first.year), f64::from(last.year)),
        _ => return Ok(()),
    };
    // Room for the years below and for the highest value above.
    let end = bottom - Face::SMALL.line();
    let (low, high) = span(points.iter().filter_map(|it| it.value));
    let high = if high > low { high } else { low + 1.0 };
    let side = ((last - first) * 0.14).max(0.5);
    let sheet = canvas.area.clone().shrink((MARGIN, top), (RIGHT - MARGIN, end - top));
    let mut chart = ChartBuilder::on(&sheet)
        .build_cartesian_2d(first - side..last + side, low..high + (high - low) * 0.24)
        .map_err(Error::drawing)?;
    let zero = chart.backend_coord(&(first, 0.0)).1;
    canvas.fill((MARGIN, zero - 1), (RIGHT, zero + 2), INK)?;
    let mut before: Option<(f64, f64)> = None;
    for point in points {
        let Some(value) = point.value else { continue };
        let here = (f64::from(point.year), value);
        if let Some(before) = before {
            let style = OWN.stroke_width(6);
            match point.tie {
                Tie::Line => {
                    chart.draw_series(LineSeries::new([before, here], style)).map_err(Error::drawing)?;
                }
                Tie::Dashes => {
                    chart
                        .draw_series(DashedLineSeries::new([before, here], 18, 14, style))
                        .map_err(Error::drawing)?;
                }
                Tie::Nothing => {}
            }
        }
        before = Some(here);
    }
    for point in points {
        let year = f64::from(point.year);
        let (x, y) = chart.backend_coord(&(year, point.value.unwrap_or(0.0)));
        near(canvas, &point.year.to_string(), (x, end + SMALL as i32), Face::SMALL)?;
        if point.value.is_some() {
            chart
                .draw_series([Circle::new((year, point.value.unwrap_or(0.0)), 13, OWN.filled())])
                .map_err(Error::drawing)?;
            near(canvas, &point.written, (x, y - 28), Face::STRONG)?;
        } else {
            near(canvas, &point.written, (x, zero - 24), Face::SMALL)?;
        }
    }
    Ok(())
}

/// How many have which value, in twenty steps, with the values that stand out.
fn distribution(
    canvas: &Canvas<'_>,
    values: &[f64],
    (marks, own): (&[Mark], bool),
    (shares, counted): (bool, &str),
    (top, bottom): (i32, i32),
) -> Result<(), Error> {
    const STEPS: usize = 20;
    let (mut low, mut high) = values
        .iter()
        .chain(marks.iter().map(|it| &it.value))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
    if !low.is_finite() || !high.is_finite() {
        return Ok(());
    }
    if shares {
        (low, high) = (0.0, (high / 20.0).ceil().max(1.0) * 20.0);
    } else if high <= low {
        high = low + 1.0;
    }
    let step = (high - low) / STEPS as f64;
    let mut counts = [0_u32; STEPS];
    for value in values {
        let at = (((value - low) / step) as usize).min(STEPS - 1);
        counts[at] += 1;
    }
    let most = f64::from(counts.iter().copied().max().unwrap_or(0).max(1));
    let legend = Face::SMALL.line() * (marks.len() as i32 + 1) + 10;
    let (head, end) = (top + 30, bottom - legend - Face::SMALL.line());
    let sheet = canvas.area.clone().shrink((MARGIN, head), (RIGHT - MARGIN, end - head));
    let mut chart =
        ChartBuilder::on(&sheet).build_cartesian_2d(low..high, 0.0..most).map_err(Error::drawing)?;
    let sign = |index: usize| index + usize::from(!own);
    let own = marks.first().filter(|_| own).map(|it| (((it.value - low) / step) as usize).min(STEPS - 1));
    let steps = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(index, count)| {
        let (from, to) = (low + step * index as f64, low + step * (index + 1) as f64);
        let colour = if Some(index) == own { OWN } else { OTHERS };
        let mut bar = Rectangle::new([(from, 0.0), (to, f64::from(*count))], colour.filled());
        bar.set_margin(0, 0, 2, 2);
        bar
    });
    chart.draw_series(steps).map_err(Error::drawing)?;
    canvas.fill((MARGIN, end - 1), (RIGHT, end + 2), INK)?;
    let ticks = [low, low + (high - low) / 2.0, high];
    for (index, tick) in ticks.into_iter().enumerate() {
        let x = chart.backend_coord(&(tick, 0.0)).0;
        canvas.fill((x - 1, end), (x + 1, end + 8), INK)?;
        let decimals = if shares || high - low > 20.0 { 0 } else { 2 };
        let mut text = format!("{tick:.decimals$}");
        if shares && index == 2 {
            text.push('%');
        }
        near(canvas, &text, (x, end + SMALL as i32 + 4), Face::SMALL)?;
    }
    for (index, mark) in marks.iter().enumerate() {
        let x = chart.backend_coord(&(mark.value.clamp(low, high), 0.0)).0;
        stand_out(canvas, sign(index), (x, head - 24), end)?;
        let foot = end + Face::SMALL.line() * (index as i32 + 2) + 4;
        stand_out(canvas, sign(index), (MARGIN + 22, foot - 36), foot + 4)?;
        let face = if sign(index) == 0 { Face::STRONG } else { Face::SMALL };
        let text = canvas.fitted(&mark.label, face, RIGHT - MARGIN - 70)?;
        canvas.write(&text, (MARGIN + 70, foot), Side::Right, face)?;
    }
    let foot = end + Face::SMALL.line() * (marks.len() as i32 + 2) + 4;
    canvas.fill((MARGIN + 8, foot - 30), (MARGIN + 36, foot), OTHERS)?;
    canvas.write(
        &canvas.fitted(counted, Face::SMALL, RIGHT - MARGIN - 70)?,
        (MARGIN + 70, foot),
        Side::Right,
        Face::SMALL,
    )
}

/// The sign of a value that stands out: a pointed line for the first, then other dashes for each.
fn stand_out(canvas: &Canvas<'_>, index: usize, (x, top): (i32, i32), end: i32) -> Result<(), Error> {
    match index {
        0 => {
            canvas.fill((x - 4, top), (x + 4, end), INK)?;
            let points = vec![(x - 20, top), (x + 20, top), (x, top + 26)];
            canvas.area.draw(&Polygon::new(points, INK.filled())).map_err(Error::drawing)
        }
        1 => canvas.dashes(x, (top, end), 12, INK.stroke_width(6)),
        _ => canvas.dashes(x, (top, end), 4, INK.stroke_width(8)),
    }
}

/// One bar that fills up.
fn progress(
    canvas: &Canvas<'_>,
    (have, need): (u64, u64),
    total: &str,
    below: &[String],
    (top, bottom): (i32, i32),
) -> Result<(), Error> {
    let big = Face { size: 110.0, bold: true, colour: INK };
    let lines = below.len() as i32 * Face::SMALL.line();
    let all = 130 + 20 + 90 + 20 + lines;
    let top = top + ((bottom - top - all) / 2).max(0);
    let total = canvas.fitted(total, big, RIGHT - MARGIN)?;
    canvas.write(&total, (MARGIN, top + 110), Side::Right, big)?;
    let bar = (top + 150, top + 240);
    let part = if need == 0 { 1.0 } else { (have as f64 / need as f64).clamp(0.0, 1.0) };
    let mut chart = across(&canvas.area, (0.0, 1.0), bar)?;
    let height = f64::from(bar.1 - bar.0);
    let whole = Rectangle::new([(0.0, 0.0), (1.0, height)], PALE.filled());
    let done = Rectangle::new([(0.0, 0.0), (part, height)], WELL.filled());
    chart.draw_series([whole, done]).map_err(Error::drawing)?;
    let frame = [(0.0, 0.0), (1.0, 0.0), (1.0, height), (0.0, height), (0.0, 0.0)];
    chart.draw_series([PathElement::new(frame, INK.stroke_width(4))]).map_err(Error::drawing)?;
    for (index, text) in below.iter().enumerate() {
        let foot = bar.1 + 16 + Face::SMALL.line() * (index as i32 + 1);
        canvas.write(
            &canvas.fitted(text, Face::SMALL, RIGHT - MARGIN)?,
            (MARGIN, foot),
            Side::Right,
            Face::SMALL,
        )?;
    }
    Ok(())
}

/// A bar of days for each office, with a stroke where the time is over.
fn times(canvas: &Canvas<'_>, rows: &[Time], (top, bottom): (i32, i32)) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let height = ((bottom - top) / rows.len() as i32).min(116);
    let values = rows.iter().flat_map(|it| [it.days, it.limit]).flatten();
    let end = top + height * rows.len() as i32;
    let mut chart = across(&canvas.area, span(values), (top, end))?;
    for (index, row) in rows.iter().enumerate() {
        let y = height * index as i32;
        let foot = top + y + SMALL as i32 - 4;
        let face = if row.late { Face::STRONG } else { Face::SMALL };
        canvas.write(&row.written, (RIGHT, foot), Side::Left, face)?;
        let room = RIGHT - MARGIN - canvas.width(&row.written, face)? - 24;
        canvas.write(&canvas.fitted(&row.name, face, room)?, (MARGIN, foot), Side::Right, face)?;
        let from = f64::from(y + SMALL as i32 + 10);
        if let Some(days) = row.days {
            let colour: RGBColor = if row.late { OWN } else { WELL };
            let bar = Rectangle::new([(0.0, from), (days, from + f64::from(BAR))], colour.filled());
            chart.draw_series([bar]).map_err(Error::drawing)?;
        }
        if let Some(limit) = row.limit {
            let (x, y) = chart.backend_coord(&(limit, from));
            canvas.fill((x - 3, y - 6), (x + 3, y + BAR + 6), INK)?;
            chart
                .draw_series([TriangleMarker::new((limit, from - 2.0), -10, INK.filled())])
                .map_err(Error::drawing)?;
        }
    }
    Ok(())
}
