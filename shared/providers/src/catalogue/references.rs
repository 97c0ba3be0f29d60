//! What is sent to a model of the pictures that it draws from.

use toonmill_domain::{InputImage, PixelSize};

use super::ImageModel;

/// Bytes for each pixel of a picture that was shrunk and encoded anew, as one in so many: WebP takes less, but of noise.
const PIXELS_OF_A_BYTE: u64 = 2;

impl ImageModel {
    /// Whether a reference is sent as it is, or must be turned, shrunk or encoded anew before. Of what is unknown in its
    /// size nothing can be said, and it is sent as it is.
    pub fn takes_as_it_is(&self, reference: &InputImage) -> bool {
        let Some(PixelSize { width, height }) = reference.pixels else { return true };
        !reference.turned
            && width.max(height) <= self.max_reference_side
            && reference.size_bytes <= self.max_reference_bytes
    }

    /// About how many bytes are sent of a reference.
    pub(super) fn sent_bytes(&self, reference: &InputImage) -> u64 {
        let Some(PixelSize { width, height }) = reference.pixels.filter(|_| !self.takes_as_it_is(reference)) else {
            return reference.size_bytes;
        };
        let (longer, shorter) = (u64::from(width.max(height)), u64::from(width.min(height)));
        let side = longer.min(self.max_reference_side.into());
        let pixels = side.saturating_mul(shorter.saturating_mul(side) / longer.max(1));
        reference.size_bytes.min(pixels / PIXELS_OF_A_BYTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[test]
    fn what_is_too_large_or_turned_is_not_sent_as_it_is() {
        let catalogue = Catalogue::built_in().unwrap();
        let model = catalogue.image_model("gemini-3-pro-image").unwrap().model;
        let reference = |size_bytes, sides: Option<(u32, u32)>, turned| InputImage {
            object_key: "k".into(),
            sha256: "0".into(),
            mime_type: "image/png".into(),
            size_bytes,
            pixels: sides.map(|(width, height)| PixelSize { width, height }),
            turned,
        };
        let look = |reference: InputImage| (model.takes_as_it_is(&reference), model.sent_bytes(&reference));
        assert_eq!(look(reference(5_000_000, Some((2_048, 2_048)), false)), (true, 5_000_000));
        assert_eq!(look(reference(20_000_000, Some((4_000, 3_000)), false)), (false, 2_048 * 1_536 / 2));
        assert_eq!(look(reference(20_000_000, Some((3_000, 4_000)), false)), (false, 2_048 * 1_536 / 2));
        assert_eq!(look(reference(8_000_000, Some((2_000, 1_000)), false)), (false, 1_000_000));
        assert_eq!(look(reference(1_000, Some((2_049, 9)), false)), (false, 1_000));
        assert_eq!(look(reference(1_000, Some((9, 9)), true)), (false, 40));
        assert_eq!(look(reference(8_000_000, None, false)), (true, 8_000_000));
    }
}
