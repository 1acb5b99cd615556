//! The colours that each theme is made of.

use ratatui::style::Color;

use super::theme::ThemeName;

/// The colours of one theme. `None` means that the theme does without.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) background: Color,
    pub(super) text: Color,
    pub(super) strong: Color,
    pub(super) dim: Color,
    pub(super) rule: Color,
    pub(super) accent: Color,
    pub(super) code: Color,
    pub(super) red: Color,
    pub(super) green: Color,
    pub(super) yellow: Color,
    pub(super) blue: Color,
    pub(super) magenta: Color,
    pub(super) cyan: Color,
    /// Text on a yellow background.
    pub(super) on_match: Color,
    pub(super) selection: Option<Color>,
    pub(super) added: Option<Color>,
    pub(super) added_word: Option<Color>,
    pub(super) removed: Option<Color>,
    pub(super) removed_word: Option<Color>,
}

impl Palette {
    /// The same palette with each colour changed by `change`, and the tints of changed lines by `tint`.
    pub(super) fn map(self, change: impl Fn(Color) -> Color, tint: impl Fn(Color) -> Color) -> Self {
        Self {
            background: change(self.background),
            text: change(self.text),
            strong: change(self.strong),
            dim: change(self.dim),
            rule: change(self.rule),
            accent: change(self.accent),
            code: change(self.code),
            red: change(self.red),
            green: change(self.green),
            yellow: change(self.yellow),
            blue: change(self.blue),
            magenta: change(self.magenta),
            cyan: change(self.cyan),
            on_match: change(self.on_match),
            selection: self.selection.map(&change),
            added: self.added.map(&tint),
            added_word: self.added_word.map(&tint),
            removed: self.removed.map(&tint),
            removed_word: self.removed_word.map(&tint),
        }
    }
}

const fn rgb(hex: u32) -> Color {
    Color::from_u32(hex)
}

/// The colours of the theme `name`.
pub(super) fn of(name: ThemeName) -> Palette {
    match name {
        ThemeName::Terminal | ThemeName::None => Palette {
            background: Color::Reset,
            text: Color::Reset,
            strong: Color::Reset,
            // Drawn faint. The palette's dark grey is invisible in well-known palettes (Solarized).
            dim: Color::Reset,
            rule: Color::Reset,
            accent: Color::Cyan,
            // Plain yellow cannot be read on white, and running text is full of code.
            code: Color::Magenta,
            red: Color::Red,
            green: Color::Green,
            yellow: Color::Yellow,
            // Plain blue cannot be read on black in many palettes.
            blue: Color::LightBlue,
            magenta: Color::Magenta,
            cyan: Color::Cyan,
            on_match: Color::Black,
            selection: None,
            added: None,
            added_word: None,
            removed: None,
            removed_word: None,
        },
        ThemeName::Dark => Palette {
            background: rgb(0x16_1b_26),
            text: rgb(0xc9_d1_e0),
            strong: rgb(0xf2_f5_fb),
            dim: rgb(0x7e_8a_a3),
            rule: rgb(0x38_42_57),
            accent: rgb(0x7d_d3_c8),
            code: rgb(0xe5_c0_8b),
            red: rgb(0xf0_8a_8a),
            green: rgb(0x9c_d3_8f),
            yellow: rgb(0xec_c4_7a),
            blue: rgb(0x86_b6_f2),
            magenta: rgb(0xc6_a3_f0),
            cyan: rgb(0x7d_d3_e0),
            on_match: rgb(0x16_1b_26),
            selection: Some(rgb(0x27_35_4c)),
            added: Some(rgb(0x1b_33_2b)),
            added_word: Some(rgb(0x2c_5a_45)),
            removed: Some(rgb(0x3b_22_2b)),
            removed_word: Some(rgb(0x6d_33_40)),
        },
        ThemeName::Light => Palette {
            background: rgb(0xfa_f9_f5),
            text: rgb(0x33_38_44),
            strong: rgb(0x14_18_20),
            dim: rgb(0x6f_75_82),
            rule: rgb(0xcb_c8_bd),
            accent: rgb(0x0b_72_6b),
            code: rgb(0x8f_52_12),
            red: rgb(0xb4_23_2c),
            green: rgb(0x2f_74_2a),
            yellow: rgb(0x8a_5d_00),
            blue: rgb(0x1f_59_a8),
            magenta: rgb(0x7b_3a_a8),
            cyan: rgb(0x0b_6b_82),
            on_match: rgb(0xfa_f9_f5),
            selection: Some(rgb(0xe3_ea_ec)),
            added: Some(rgb(0xe2_f2_de)),
            added_word: Some(rgb(0xb4_dd_ad)),
            removed: Some(rgb(0xfb_e4_e2)),
            removed_word: Some(rgb(0xf2_b9_b7)),
        },
        ThemeName::Contrast => Palette {
            background: rgb(0x00_00_00),
            text: rgb(0xff_ff_ff),
            strong: rgb(0xff_ff_ff),
            dim: rgb(0xd0_d0_d0),
            rule: rgb(0xa8_a8_a8),
            accent: rgb(0x5f_ff_ff),
            code: rgb(0xff_ff_87),
            red: rgb(0xff_8a_8a),
            green: rgb(0x7d_ff_7d),
            yellow: rgb(0xff_e1_4d),
            blue: rgb(0x8f_c7_ff),
            magenta: rgb(0xff_af_ff),
            cyan: rgb(0x5f_ff_ff),
            on_match: rgb(0x00_00_00),
            selection: Some(rgb(0x00_3f_8f)),
            added: Some(rgb(0x00_38_00)),
            added_word: Some(rgb(0x00_78_00)),
            removed: Some(rgb(0x4a_00_00)),
            removed_word: Some(rgb(0x94_00_00)),
        },
    }
}

/// The nearest of the 256 colours, for terminals without true colour: of the cube, or a grey where there is hardly a hue.
pub(super) fn nearest(colour: Color) -> Color {
    const HARDLY_A_HUE: u8 = 40;
    let Color::Rgb(red, green, blue) = colour else { return colour };
    if red.max(green).max(blue) - red.min(green).min(blue) >= HARDLY_A_HUE {
        return same_hue(colour);
    }
    let grey = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let grey = u8::try_from(grey.saturating_sub(3) / 10).unwrap_or(u8::MAX).min(23);
    let grey_is_nearer = distance((red, green, blue), [8 + 10 * grey; 3])
        < distance((red, green, blue), [red, green, blue].map(|value| STEPS[usize::from(level(value))]));
    if grey_is_nearer { Color::Indexed(232 + grey) } else { same_hue(colour) }
}

/// The nearest colour of the cube of 256-colour terminals, which keeps a tint a tint where the nearest colour is a grey.
pub(super) fn same_hue(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    Color::Indexed(16 + 36 * level(red) + 6 * level(green) + level(blue))
}

/// The steps of the cube in each of its three directions.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn level(value: u8) -> u8 {
    match value {
        0..=47 => 0,
        48..=114 => 1,
        _ => (value - 35) / 40,
    }
}

fn distance((red, green, blue): (u8, u8, u8), other: [u8; 3]) -> u32 {
    [red, green, blue].iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_fall_back_to_the_nearest_of_256() {
        let cases = [
            (rgb(0x00_00_00), Color::Indexed(16)),
            (rgb(0xff_ff_ff), Color::Indexed(231)),
            (rgb(0xff_00_00), Color::Indexed(196)),
            // Hardly a hue at all: a grey is nearer than any colour of the cube.
            (rgb(0x16_1b_26), Color::Indexed(234)),
            (rgb(0x6f_75_82), Color::Indexed(243)),
            // A green that means something stays green.
            (rgb(0x2f_74_2a), Color::Indexed(28)),
            (Color::Cyan, Color::Cyan),
            (Color::Reset, Color::Reset),
        ];
        for (colour, expected) in cases {
            assert_eq!(nearest(colour), expected, "{colour:?}");
        }
    }

    #[test]
    fn tints_of_added_and_removed_lines_stay_apart_in_256_colours() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast] {
            let palette = of(name).map(nearest, same_hue);
            let tints = [palette.added, palette.removed, palette.added_word, palette.removed_word];
            for (index, tint) in tints.iter().enumerate() {
                assert!(tint.is_some_and(|tint| tint != palette.background), "{name:?}");
                assert!(!tints[..index].contains(tint), "{name:?}: {tints:?}");
            }
        }
    }
}
