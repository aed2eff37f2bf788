//! Pictures drawn twice, as SVG and as PNG, with the fonts that the repository brings.

use std::fs;
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{ColorType, ImageEncoder};
use lowprec_cli::file::replace;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub const BLUE: RGBColor = RGBColor(31, 90, 166);
pub const ORANGE: RGBColor = RGBColor(217, 95, 2);
pub const TEXT: RGBColor = RGBColor(30, 30, 30);
pub const PALE: RGBColor = RGBColor(105, 105, 105);
pub const GRID: RGBColor = RGBColor(226, 226, 226);

/// What plotting onto a backend gives.
pub type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;
pub type Area<DB> = DrawingArea<DB, Shift>;

/// Text at a point: size, colour and where the point lies in it.
#[derive(Clone, Copy)]
pub struct Label {
    pub size: i32,
    pub style: FontStyle,
    pub color: RGBColor,
    pub anchor: HPos,
}

impl Label {
    #[must_use]
    pub const fn new(size: i32, color: RGBColor, anchor: HPos) -> Self {
        Self { size, style: FontStyle::Normal, color, anchor }
    }

    #[must_use]
    pub const fn bold(mut self) -> Self {
        self.style = FontStyle::Bold;
        self
    }

    /// Writes `text` vertically centred on `y`.
    pub fn write<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        text: &str,
        (x, y): (i32, i32),
    ) -> Drawn<DB> {
        let style = TextStyle::from(("sans-serif", self.size, self.style).into_font())
            .color(&self.color)
            .pos(Pos::new(self.anchor, VPos::Center));
        // Half a line's height above the baseline is a little above the middle of the digits.
        area.draw(&Text::new(text.to_owned(), (x, y + self.size / 8), style))
    }
}

/// A picture of fixed size. All pixel sizes are twice those on the page, so that the PNG stays sharp on
/// dense screens.
pub trait Picture {
    /// Width and height.
    fn size(&self) -> (i32, i32);

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB>;

    /// Writes `name.svg` and `name.png`; existing files are replaced by complete ones. Returns the
    /// files written.
    fn save(&self, directory: &Path, name: &str) -> Result<Vec<String>, String> {
        register_fonts()?;
        fs::create_dir_all(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        // Drawn in memory: plotters does not say whether a file that it writes is complete.
        let (svg, png) = (self.svg()?, self.png()?);
        let write = |kind: &str, picture: &[u8]| -> Result<String, String> {
            let path = directory.join(format!("{name}.{kind}"));
            replace(&path, |out| out.write_all(picture)).map_err(|e| e.to_string())?;
            Ok(path.display().to_string())
        };
        Ok(vec![write("svg", svg.as_bytes())?, write("png", &png)?])
    }

    /// The picture as SVG.
    fn svg(&self) -> Result<String, String> {
        let mut text = String::new();
        drawn(self, SVGBackend::with_string(&mut text, unsigned(self.size())))?;
        Ok(text)
    }

    /// The picture as PNG.
    fn png(&self) -> Result<Vec<u8>, String> {
        let (width, height) = unsigned(self.size());
        let mut pixels = vec![0; 3 * width as usize * height as usize];
        drawn(self, BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(&pixels, width, height, ColorType::Rgb8)
            .map_err(|e| e.to_string())?;
        Ok(bytes)
    }
}

const fn unsigned((width, height): (i32, i32)) -> (u32, u32) {
    (width.cast_unsigned(), height.cast_unsigned())
}

fn drawn<P: Picture + ?Sized, DB: DrawingBackend>(picture: &P, backend: DB) -> Result<(), String> {
    let area = backend.into_drawing_area();
    picture.draw(&area).and_then(|()| area.present()).map_err(|e| e.to_string())
}

/// plotters draws with these instead of the system's fonts; an SVG viewer substitutes its own.
fn register_fonts() -> Result<(), String> {
    const NORMAL: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.subset.ttf");
    const BOLD: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-Bold.subset.ttf");
    for (style, bytes) in [(FontStyle::Normal, NORMAL), (FontStyle::Bold, BOLD)] {
        register_font("sans-serif", style, bytes).map_err(|_| "assets/fonts: not a font")?;
    }
    Ok(())
}
