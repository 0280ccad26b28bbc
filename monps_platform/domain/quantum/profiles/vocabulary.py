"""The words of the rules: features of a team, and where in its league it stands by them."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """What the rules read. ``DEFINITIONS`` says how each is computed."""

    CROSS_SHARE = "cross_share"
    THROUGH_BALL_SHARE = "through_ball_share"
    WON_BALL_SHARE = "won_ball_share"
    TAKE_ON_SHARE = "take_on_share"
    COMBINATION_SHARE = "combination_share"
    AERIAL_SHARE = "aerial_share"
    HEADER_SHARE = "header_share"
    SHOT_DISTANCE = "shot_distance"
    SHOT_QUALITY = "shot_quality"
    SET_PIECE_SHARE = "set_piece_share"
    COMBINATION_SHARE_AGAINST = "combination_share_against"
    THROUGH_BALL_SHARE_AGAINST = "through_ball_share_against"
    BLOCKED_SHARE_AGAINST = "blocked_share_against"
    SHOT_DISTANCE_AGAINST = "shot_distance_against"
    SHOT_QUALITY_AGAINST = "shot_quality_against"
    SHOT_SHARE = "shot_share"
    SHOTS = "shots"
    SHOTS_AGAINST = "shots_against"
    TEMPO = "tempo"
    CORNERS_PER_SHOT = "corners_per_shot"
    FOULS = "fouls"
    LOW_SCORING = "low_scoring"
    PPDA = "ppda"
    DEEP_SHARE = "deep_share"
    HOME_POINTS = "home_points"
    HOME_POINTS_GAP = "home_points_gap"
    HOME_XG_GAP = "home_xg_gap"
    HOME_SHOT_SHARE_GAP = "home_shot_share_gap"
    LEADING_SHOT_SHARE = "leading_shot_share"
    LEADING_DROP = "leading_drop"
    TRAILING_RISE = "trailing_rise"
    SHOT_SHARE_DISPERSION = "shot_share_dispersion"
    CROSS_DISPERSION = "cross_dispersion"
    COMBINATION_DISPERSION = "combination_dispersion"
    DISTANCE_DISPERSION = "distance_dispersion"
    TEMPO_DISPERSION = "tempo_dispersion"
    PPDA_SPREAD = "ppda_spread"


class Trait(StrEnum):
    """Where in its league a team of a profile is expected.

    High, low and middle are equally hard: each holds by at least a half for a quarter of a league, and by a quarter on
    average over it. Extreme is for a difference between two parts of a season, most of which is chance: it holds by a
    half for a tenth. Unmarked is what is neither high nor low.
    """

    HIGH = "high"
    EXTREME = "extreme"
    LOW = "low"
    MIDDLE = "middle"
    UNMARKED = "unmarked"

    def held_by(self, percentile: float) -> float:
        """How far the trait is there, 0 to 1, by a percentile of 0 to 100: straight lines through these points

        - high: 0 up to 50, 1/2 at 75, 1 at 100; low is its mirror image,
        - extreme: 0 up to 80, 1/2 at 90, 1 at 100,
        - middle: 0 up to 25, 1/2 at 37.5, 1 at 50, 1/2 at 62.5, 0 from 75 on,
        - unmarked: 0 at 0, 1/2 at 25, 1 at 50, 1/2 at 75, 0 at 100.
        """
        lines = {
            Trait.HIGH: (percentile - 50) / 50,
            Trait.EXTREME: (percentile - 80) / 20,
            Trait.LOW: (50 - percentile) / 50,
            Trait.MIDDLE: 1 - abs(percentile - 50) / 25,
            Trait.UNMARKED: 1 - abs(percentile - 50) / 50,
        }
        return max(0.0, lines[self])
