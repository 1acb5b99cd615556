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
    /// The same palette with each colour changed by `change`.
    pub(super) fn map(self, change: impl Fn(Color) -> Color) -> Self {
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
            added: self.added.map(&change),
            added_word: self.added_word.map(&change),
            removed: self.removed.map(&change),
            removed_word: self.removed_word.map(&change),
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
            dim: Color::DarkGray,
            rule: Color::DarkGray,
            accent: Color::Cyan,
            code: Color::Yellow,
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
            added_word: Some(rgb(0x00_70_00)),
            removed: Some(rgb(0x4a_00_00)),
            removed_word: Some(rgb(0x94_00_00)),
        },
    }
}

/// The nearest colour of the 256-colour cube, for terminals without true colour.
pub(super) fn to_256(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    let level = |value: u8| -> u8 {
        // The cube's steps are 0, 95, 135, 175, 215, 255.
        match value {
            0..=47 => 0,
            48..=114 => 1,
            _ => (value - 35) / 40,
        }
    };
    let spread = red.max(green).max(blue) - red.min(green).min(blue);
    if spread < 14 {
        let grey = u16::from(red) + u16::from(green) + u16::from(blue);
        let average = u8::try_from(grey / 3).unwrap_or(u8::MAX);
        return match average {
            0..=3 => Color::Indexed(16),
            247.. => Color::Indexed(231),
            _ => Color::Indexed(232 + (average.saturating_sub(3) / 10).min(23)),
        };
    }
    Color::Indexed(16 + 36 * level(red) + 6 * level(green) + level(blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_fall_back_to_the_cube() {
        let cases = [
            (rgb(0x00_00_00), Color::Indexed(16)),
            (rgb(0xff_ff_ff), Color::Indexed(231)),
            (rgb(0xff_00_00), Color::Indexed(196)),
            (rgb(0x16_1b_26), Color::Indexed(16)),
            (Color::Cyan, Color::Cyan),
            (Color::Reset, Color::Reset),
        ];
        for (colour, expected) in cases {
            assert_eq!(to_256(colour), expected, "{colour:?}");
        }
    }
}
