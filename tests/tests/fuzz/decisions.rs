//! An input as a row of decisions.

/// What is left of the input. Where nothing is left every decision is 0.
pub(crate) struct Decisions<'a>(&'a [u8]);

impl<'a> Decisions<'a> {
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    pub(crate) const fn are_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `most`, which is not 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        let wide = usize::from(self.byte()) << 8 | if most > 256 { usize::from(self.byte()) } else { 0 };
        if most > 256 { wide % most } else { (wide >> 8) % most }
    }

    pub(crate) fn one_of<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }

    /// Up to `most` bytes of the input as they are.
    pub(crate) fn some(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}
