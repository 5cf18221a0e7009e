"""The look: quiet surfaces, ink buttons, one warm accent that means playing, selected or focused."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes import Color
from gradio.themes.utils.fonts import Font

STATIC = Path(__file__).parent / "static"
FONTS = STATIC / "fonts"
STYLES = sorted((STATIC / "css").glob("*.css"))

EMBER = Color(
    name="ember", c50="#fff4f0", c100="#ffe5dc", c200="#ffc9b8", c300="#ffa488", c400="#fa7a55", c500="#ea5730",
    c600="#c8421b", c700="#a33415", c800="#7f2b14", c900="#652614", c950="#3a120a",
)  # fmt: skip
INK = Color(
    name="ink", c50="#fafafa", c100="#f4f4f5", c200="#e6e6e9", c300="#d2d2d7", c400="#9b9ba5", c500="#6b6b76",
    c600="#4c4c55", c700="#34343b", c800="#222227", c900="#18181b", c950="#0f0f11",
)  # fmt: skip


class Shipped(Font):
    """A font file of ours, served from this machine; Gradio's own GoogleFont would ask the web for it."""

    def __init__(self, name: str, file: str, weights: str) -> None:
        super().__init__(name)
        self.file = file
        self.weights = weights

    def stylesheet(self) -> dict[str, str | None]:
        source = f"url('/look/fonts/{self.file}') format('woff2')"
        face = f"font-family:'{self.name}';src:{source};font-weight:{self.weights};font-display:swap"
        return {"url": None, "css": f"@font-face{{{face}}}"}


def theme() -> gr.themes.Base:
    base = gr.themes.Base(
        primary_hue=EMBER, secondary_hue=INK, neutral_hue=INK,
        radius_size=gr.themes.sizes.radius_md, spacing_size=gr.themes.sizes.spacing_md,
        text_size=gr.themes.sizes.text_md,
        font=[Shipped("Inter Variable", "inter-latin-wght-normal.woff2", "100 900"), "ui-sans-serif", "system-ui",
              "sans-serif"],
        font_mono=[Shipped("JetBrains Mono Variable", "jetbrains-mono-latin-wght-normal.woff2", "100 800"),
                   "ui-monospace", "monospace"],
    )  # fmt: skip
    return base.set(**_both(
        body_background_fill=("#f7f7f8", "#0f0f11"), body_text_color=("#18181b", "#ededf0"),
        body_text_color_subdued=("#5f5f6a", "#a0a0ab"), background_fill_primary=("#ffffff", "#17171a"),
        background_fill_secondary=("#f4f4f5", "#1e1e22"), border_color_primary=("#e6e6e9", "#2a2a30"),
        block_background_fill=("transparent", "transparent"), block_label_background_fill=("transparent", "transparent"),
        panel_background_fill=("transparent", "transparent"), block_title_text_color=("#34343b", "#d2d2d7"),
        input_background_fill=("#ffffff", "#1e1e22"), input_border_color=("#d9d9de", "#34343b"),
        input_border_color_focus=("*primary_500", "*primary_400"), slider_color=("*primary_500", "*primary_500"),
        button_primary_background_fill=("#18181b", "#f4f4f5"), button_primary_background_fill_hover=("#34343b", "#ffffff"),
        button_primary_text_color=("#ffffff", "#0f0f11"), button_primary_border_color=("#18181b", "#f4f4f5"),
        button_secondary_background_fill=("#ffffff", "#1e1e22"),
        button_secondary_background_fill_hover=("#f4f4f5", "#2a2a30"),
        button_secondary_border_color=("#d9d9de", "#34343b"), button_secondary_text_color=("#18181b", "#ededf0"),
        checkbox_label_background_fill=("#ffffff", "#1e1e22"),
        checkbox_label_background_fill_selected=("#18181b", "#f4f4f5"),
        checkbox_label_text_color_selected=("#ffffff", "#0f0f11"), checkbox_label_border_color=("#d9d9de", "#34343b"),
        table_border_color=("#e6e6e9", "#2a2a30"), table_even_background_fill=("#ffffff", "#17171a"),
        table_odd_background_fill=("#ffffff", "#17171a"),
    ),
        block_border_width="0px", block_shadow="none", block_padding="0px", block_radius="12px",
        block_label_border_width="0px", block_title_text_weight="500", block_title_text_size="13px",
        block_info_text_size="12px", panel_border_width="0px", layout_gap="16px", form_gap_width="0px",
        input_border_width="1px", input_shadow="none", input_shadow_focus="0 0 0 3px rgb(234 87 48 / .18)",
        input_radius="8px", input_padding="9px 12px", input_text_size="14px", loader_color="*primary_500",
        button_border_width="1px", button_large_radius="10px", button_medium_radius="8px", button_small_radius="8px",
        button_large_padding="11px 18px", button_large_text_size="14px", button_large_text_weight="600",
        button_medium_text_size="13px", button_medium_text_weight="500",
        button_transition="background .12s ease, border-color .12s ease",
        checkbox_label_border_width="1px", checkbox_label_padding="6px 12px", checkbox_label_text_size="13px",
        checkbox_label_gap="8px", checkbox_label_shadow="none", table_radius="10px",
    )  # fmt: skip


def _both(**pairs: tuple[str, str]) -> dict[str, str]:
    """name=(light, dark) to Gradio's name and name_dark."""
    return {
        name + suffix: value for name, both in pairs.items() for suffix, value in zip(("", "_dark"), both, strict=True)
    }


NARROW = (
    "@media(max-width:760px){html:root{--bar:112px}html .toasts{right:10px;width:calc(100vw - 20px)}}"
    "@media(prefers-reduced-motion:reduce){.toast{animation:none!important}}"
)
"""Gradio puts its own container before every selector inside a media query: what lies outside it is said here."""


def head() -> str:
    """Runs before the first paint: the chosen light or dark, and the player that every part talks to."""
    kit = "".join((STATIC / "js" / name).read_text(encoding="utf-8") for name in ("kit.js", "sound.js", "recorder.js"))
    return (
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="/look/icon.svg" type="image/svg+xml">'
        f"<style>{NARROW}</style><script>{kit}</script>"
    )
