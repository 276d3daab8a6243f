# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plots as SVG elements for a page, described for those who can't see them.

They have presentation attributes only, no style and no script, so that a strict content security policy fits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from register_entry.words import number_words, percent
from router.texts import _

__all__ = ["curve_plot", "reliability_plot"]

_WIDTH, _HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 18, 52
_INK, _GRID, _LINE, _ACCENT = "#1c2b3a", "#d5dbe1", "#155bb0", "#b3261e"


class _Axes:
    """Places values of 0 to `x_most` and 0 to `y_most` on the drawing."""

    def __init__(self, x_most: float, y_most: float) -> None:
        self.x_most, self.y_most = x_most, y_most

    def x(self, value: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * value / self.x_most, 1)

    def y(self, value: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(value, self.y_most) / self.y_most, 1)

    def drawn(self, x_label: str, y_label: str, digits: int) -> str:
        parts = []
        for step in range(6):
            share = step / 5
            x, y = self.x(share * self.x_most), self.y(share * self.y_most)
            parts.append(
                f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_HEIGHT - _BOTTOM}" stroke="{_GRID}" stroke-width="1"/>'
            )
            parts.append(
                f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="{_GRID}" stroke-width="1"/>'
            )
            parts.append(_text(x, _HEIGHT - _BOTTOM + 17, percent(share * self.x_most), "middle"))
            parts.append(_text(_LEFT - 7, y + 4, percent(share * self.y_most, digits), "end"))
        parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, x_label, "middle"))
        middle = (_TOP + _HEIGHT - _BOTTOM) / 2
        parts.append(
            f'<text x="14" y="{middle}" transform="rotate(-90 14 {middle})" text-anchor="middle" font-size="12" '
            f'fill="{_INK}">{escape(y_label)}</text>'
        )
        return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str, colour: str = _INK) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" fill="{colour}">{escape(text)}</text>'


def _dashes(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    return (
        f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="{colour}" stroke-width="1.5" '
        'stroke-dasharray="6 4"/>'
    )


def _figure(name: str, title: str, description: str, body: str) -> Markup:
    # Every dynamic piece of the body is a number or was escaped above.
    return Markup(  # noqa: S704
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
        f'<g font-family="system-ui, sans-serif">{body}</g></svg>'
    )


def curve_plot(rows: Sequence[Mapping[str, Any]], threshold: float | None, target: float | None) -> Markup | None:
    """Return the share sorted automatically against the error among it, one point for each threshold.

    Parameters
    ----------
    rows
        Of the threshold curve: ``threshold``, figures ``share_routed`` and ``error``.
    threshold
        In use; its nearest row is marked.
    target
        Share that may go wrong; drawn as a line.

    Returns
    -------
    Markup or None
        ``None`` with fewer than two points.
    """
    points = sorted(
        (float(row["share_routed"]["value"]), float(row["error"]["value"]), float(row["threshold"]))
        for row in rows
        if row["share_routed"]["value"] is not None and row["error"]["value"] is not None
    )
    if len(points) < 2:
        return None
    highest = max(*(error for _share, error, _threshold in points), target or 0.0, 0.02)
    axes = _Axes(1.0, round(highest * 1.15, 3))
    body = axes.drawn(_("Sorted automatically"), _("Wrong among them"), 1)
    line = " ".join(f"{axes.x(share)},{axes.y(error)}" for share, error, _threshold in points)
    body += f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="2.5"/>'
    body += "".join(
        f'<circle cx="{axes.x(share)}" cy="{axes.y(error)}" r="3" fill="{_LINE}"/>'
        for share, error, _threshold in points
    )
    if target is not None:
        y = axes.y(target)
        body += _dashes((_LEFT, y), (_WIDTH - _RIGHT, y), _ACCENT)
        body += _text(_LEFT + 6, y - 5, _("Limit: {share}").format(share=percent(target, 1)), "start", _ACCENT)
    title = _("Share sorted automatically and errors among it")
    description = _("From {low} sorted automatically with {few} wrong to {high} with {many} wrong.").format(
        low=percent(points[0][0]),
        few=percent(points[0][1], 1),
        high=percent(points[-1][0]),
        many=percent(points[-1][1], 1),
    )
    if threshold is not None:
        near = min(points, key=lambda point: abs(point[2] - threshold))
        x, y = axes.x(near[0]), axes.y(near[1])
        body += f'<circle cx="{x}" cy="{y}" r="7" fill="none" stroke="{_INK}" stroke-width="2"/>'
        description += " " + _("In use: {share} sorted automatically.").format(share=percent(near[0]))
    return _figure("curve", title, description, body)


def reliability_plot(bins: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Return the share right against the confidence; honest confidences lie on the diagonal.

    Parameters
    ----------
    bins
        ``confidence`` (mean) and the figure ``right`` of each tenth of the scale.
    """
    points = [
        (
            float(entry["confidence"]),
            float(entry["right"]["value"]),
            float(entry["right"]["low"]),
            float(entry["right"]["high"]),
            int(entry["right"]["n"]),
        )
        for entry in bins
        if entry["right"]["value"] is not None
    ]
    if len(points) < 2:
        return None
    axes = _Axes(1.0, 1.0)
    body = axes.drawn(_("Confidence"), _("Really right"), 0)
    body += _dashes((axes.x(0), axes.y(0)), (axes.x(1), axes.y(1)), _INK)
    for confidence, right, low, high, _n in points:
        x = axes.x(confidence)
        body += f'<line x1="{x}" y1="{axes.y(low)}" x2="{x}" y2="{axes.y(high)}" stroke="{_LINE}" stroke-width="2"/>'
        body += f'<circle cx="{x}" cy="{axes.y(right)}" r="4" fill="{_LINE}"/>'
    described = "; ".join(
        _("{confidence} sure: {right} right (n = {n})").format(
            confidence=percent(confidence), right=percent(right), n=number_words(n)
        )
        for confidence, right, _low, _high, n in points
    )
    return _figure("reliability", _("Confidence and share really right"), described, body)
