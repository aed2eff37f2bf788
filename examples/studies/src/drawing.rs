//! Pictures drawn twice, as SVG and as PNG, with the fonts that the repository brings.

use std::fs;
use std::path::{Path, PathBuf};

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
        let (width, height) = self.size();
        let size = (width.cast_unsigned(), height.cast_unsigned());
        let svg = |path: &Path| self.draw(&SVGBackend::new(path, size).into_drawing_area());
        let png = |path: &Path| self.draw(&BitMapBackend::new(path, size).into_drawing_area());
        Ok(vec![
            replace(directory, name, "svg", |path| svg(path).map_err(|e| e.to_string()))?,
            replace(directory, name, "png", |path| png(path).map_err(|e| e.to_string()))?,
        ])
    }
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

/// Lets `draw` write beside the final file, then renames: nobody sees half a picture.
fn replace(
    directory: &Path,
    name: &str,
    kind: &str,
    draw: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<String, String> {
    let path: PathBuf = directory.join(format!("{name}.{kind}"));
    let partial = directory.join(format!("{name}.partial.{kind}"));
    draw(&partial).map_err(|e| format!("{}: {e}", partial.display()))?;
    fs::rename(&partial, &path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path.display().to_string())
}
