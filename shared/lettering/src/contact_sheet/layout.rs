//! Where everything on a sheet stands. All measures are pixels of a sheet 2000 wide and shrink or
//! grow with it.

use super::{Cell, Sheet, Stage, fitted, paper::Paper, paper::ink};
use crate::{Align, Hand, measure, tiny_skia::Color, wrap};

pub(super) struct Layout {
    pub(super) width_px: u32,
    unit: f32,
    columns: u32,
    stages: Vec<Block>,
}

/// The place of one stage.
struct Block {
    top: f32,
    caption: Vec<String>,
    cell_height: f32,
    rows: u32,
}

const MARGIN: f32 = 72.0;
const GAP: f32 = 16.0;
const HEADER: f32 = 210.0;
const HEADING: f32 = 58.0;
const CAPTION_LINE: f32 = 27.0;
const LABEL: f32 = 26.0;
const BETWEEN_STAGES: f32 = 62.0;
const FOOTER: f32 = 104.0;

impl Layout {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let width_px = sheet.width_px.clamp(600, 6000);
        let mut layout =
            Self { width_px, unit: width_px as f32 / 2000.0, columns: sheet.columns.clamp(1, 40), stages: Vec::new() };
        let mut top = layout.px(HEADER);
        for stage in &sheet.stages {
            let block = layout.block(stage, top);
            top = layout.bottom(&block) + layout.px(BETWEEN_STAGES);
            layout.stages.push(block);
        }
        layout
    }

    pub(super) fn height_px(&self) -> u32 {
        let end = self.stages.last().map_or(self.px(HEADER), |block| self.bottom(block));
        (end + self.px(FOOTER) + self.px(20.0)).ceil() as u32
    }

    pub(super) fn draw(&self, sheet: &Sheet, paper: &mut Paper) {
        self.draw_header(sheet, paper);
        for (stage, block) in sheet.stages.iter().zip(&self.stages) {
            self.draw_stage(stage, block, paper);
        }
        let base = self.height_px() as f32 - self.px(FOOTER);
        let (left, right) = (self.px(MARGIN), self.right());
        paper.rule(left, base + self.px(18.0), right - left, self.px(3.0), ink::DARK);
        let at = (left, base + self.px(64.0));
        paper.words(&sheet.footer, at, Align::Left, self.px(22.0), 0.11, ink::DARK);
    }

    fn draw_header(&self, sheet: &Sheet, paper: &mut Paper) {
        let (left, right) = (self.px(MARGIN), self.right());
        let title = (left, self.px(112.0));
        paper.words(&sheet.title, title, Align::Left, self.px(50.0), 0.15, ink::DARK);
        let subtitle = (left, self.px(152.0));
        paper.words(&sheet.subtitle, subtitle, Align::Left, self.px(18.0), 0.1, ink::SOFT);
        let kind = (right, self.px(112.0));
        paper.words("contact sheet", kind, Align::Right, self.px(24.0), 0.12, ink::RED);
        paper.rule(left, self.px(172.0), right - left, self.px(4.0), ink::DARK);
        paper.rule(left, self.px(179.0), right - left, self.px(1.5), ink::DARK);
    }

    fn draw_stage(&self, stage: &Stage, block: &Block, paper: &mut Paper) {
        let (left, right) = (self.px(MARGIN), self.right());
        let baseline = block.top + self.px(34.0);
        paper.fill(left, block.top + self.px(8.0), self.px(9.0), self.px(27.0), ink::RED);
        let heading = (left + self.px(24.0), baseline);
        paper.words(&stage.heading, heading, Align::Left, self.px(27.0), 0.13, ink::DARK);
        paper.words(&stage.count, (right, baseline), Align::Right, self.px(27.0), 0.13, ink::DARK);
        for (line, caption) in block.caption.iter().enumerate() {
            let y = baseline + self.px(HEADING - 26.0) + line as f32 * self.px(CAPTION_LINE);
            let at = (left + self.px(24.0), y);
            paper.words(caption, at, Align::Left, self.px(15.0), 0.1, ink::SOFT);
        }
        for (index, cell) in stage.cells.iter().enumerate() {
            let (column, row) = (index as u32 % self.columns, index as u32 / self.columns);
            let x = left + column as f32 * (self.cell_width() + self.px(GAP));
            let y = self.grid_top(block) + row as f32 * self.row_height(block);
            self.draw_cell(cell, (x.round(), y.round()), block.cell_height, paper);
        }
    }

    fn draw_cell(&self, cell: &Cell, (x, y): (f32, f32), height: f32, paper: &mut Paper) {
        let width = self.cell_width().floor();
        let under = if let Some(picture) = &cell.picture {
            let picture = fitted(picture, width as u32, height as u32);
            let left = (x + (width - picture.width() as f32) / 2.0).floor();
            let top = (y + (height - picture.height() as f32) / 2.0).floor();
            let (width, height) = (picture.width() as f32, picture.height() as f32);
            paper.fill(left + 4.0, top + 4.0, width, height, ink::FAINT);
            paper.picture(&picture, left as u32, top as u32);
            paper.border(left, top, width, height, ink::DARK);
            (left, left + width)
        } else {
            paper.hatch(x, y, width, height, ink::FAINT);
            paper.border(x, y, width, height, ink::FAINT);
            (x, x + width)
        };
        let baseline = y + height + self.px(20.0);
        paper.words(&cell.label, (under.0, baseline), Align::Left, self.px(11.0), 0.12, ink::SOFT);
        if let Some(badge) = &cell.badge {
            paper.words(badge, (under.1, baseline), Align::Right, self.px(11.0), 0.14, ink::RED);
        }
    }

    fn block(&self, stage: &Stage, top: f32) -> Block {
        let hand = Hand::new(self.px(15.0), Color::BLACK);
        let room = self.right() - self.px(MARGIN) - self.px(24.0);
        let mut caption = wrap(&stage.caption, &hand, room, 2);
        caption.retain(|line| measure(line, &hand) > 0.0);
        // The cells take the shape of the stage's first picture; odd ones are fitted inside it.
        let ratio = stage
            .cells
            .iter()
            .find_map(|cell| cell.picture.as_ref())
            .map_or(0.75, |picture| picture.height() as f32 / picture.width().max(1) as f32);
        let cell_height = (self.cell_width() * ratio.clamp(0.2, 2.4)).round();
        let rows = (stage.cells.len() as u32).div_ceil(self.columns);
        Block { top, caption, cell_height, rows }
    }

    fn grid_top(&self, block: &Block) -> f32 {
        block.top + self.px(HEADING) + block.caption.len() as f32 * self.px(CAPTION_LINE)
    }

    fn row_height(&self, block: &Block) -> f32 {
        block.cell_height + self.px(LABEL) + self.px(GAP)
    }

    fn bottom(&self, block: &Block) -> f32 {
        self.grid_top(block) + block.rows as f32 * self.row_height(block)
    }

    fn cell_width(&self) -> f32 {
        let gaps = self.px(GAP) * (self.columns - 1) as f32;
        ((self.right() - self.px(MARGIN) - gaps) / self.columns as f32).max(1.0)
    }

    fn right(&self) -> f32 {
        self.width_px as f32 - self.px(MARGIN)
    }

    fn px(&self, measure: f32) -> f32 {
        measure * self.unit
    }
}
