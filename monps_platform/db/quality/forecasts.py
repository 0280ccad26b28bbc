"""What must hold for match forecasts: complete, from the past alone, probabilities that follow from prices."""

from __future__ import annotations

from functools import partial

from monps_platform.db.quality.rule import Rule, sql
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.goal_model.dixon_coles import DEFAULT, MODEL_VERSION
from monps_platform.domain.goal_model.forecasts import BASE_RATE_VERSION
from monps_platform.domain.market_forecasts import MARKET_VERSION

_CURRENT = """current AS (
    SELECT f.*, m.league_id, m.season, m.match_date, m.home_goals, m.away_goals, l.code AS league
    FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id JOIN leagues l ON l.id = m.league_id
    WHERE f.model_version = ANY (:versions))"""
_RPS = """scored AS (
    SELECT league, season, model,
        (power(home_prob - (home_goals > away_goals)::int, 2)
            + power(away_prob - (home_goals < away_goals)::int, 2)) / 2 AS rps
    FROM current WHERE home_prob IS NOT NULL AND home_goals IS NOT NULL)"""
_EXPONENTS = """exponents AS (
    SELECT c.match_id, c.model::text, c.home_prob, c.draw_prob, c.away_prob, o.home_price, o.draw_price, o.away_price,
        ln(nullif(c.home_prob, 0)) / -ln(o.home_price::float8) AS of_home,
        ln(nullif(c.draw_prob, 0)) / -ln(o.draw_price::float8) AS of_draw,
        ln(nullif(c.away_prob, 0)) / -ln(o.away_price::float8) AS of_away
    FROM current c LEFT JOIN odds o ON o.match_id = c.match_id AND o.bookmaker_id = c.one_x_two_bookmaker_id
        AND o.market = '1x2' AND 'market_' || o.price_kind::text = c.model::text
    WHERE c.model IN ('market_pre_match', 'market_closing')
        AND (c.home_prob IS NOT NULL OR c.one_x_two_bookmaker_id IS NOT NULL))"""
_TWO_SIDED = """two_sided AS (
    SELECT c.match_id, c.model::text, 'over_under' AS market, 2.5 AS line, c.over25_prob AS prob,
        o.over_price AS price, o.under_price AS other_price
    FROM current c LEFT JOIN odds o ON o.match_id = c.match_id AND o.bookmaker_id = c.over_under_bookmaker_id
        AND o.market = 'over_under' AND o.line = 2.5 AND 'market_' || o.price_kind::text = c.model::text
    WHERE c.model IN ('market_pre_match', 'market_closing') AND c.over25_prob IS NOT NULL
    UNION ALL SELECT c.match_id, c.model::text, 'asian_handicap', h.key::numeric, h.value::float8, o.home_price,
        o.away_price
    FROM current c CROSS JOIN LATERAL jsonb_each_text(c.handicaps) h
    LEFT JOIN odds o ON o.match_id = c.match_id AND o.bookmaker_id = c.asian_handicap_bookmaker_id
        AND o.market = 'asian_handicap' AND o.line = h.key::numeric AND 'market_' || o.price_kind::text = c.model::text
    WHERE c.model IN ('market_pre_match', 'market_closing'))"""
_sql = partial(
    sql,
    versions=[MODEL_VERSION, MARKET_VERSION, BASE_RATE_VERSION],
    model_version=MODEL_VERSION,
    models=len(ForecastModel),
    window=DEFAULT.window_days,
)

RULES: tuple[Rule, ...] = (
    Rule(
        "match_forecasts",
        "matches_have_one_forecast_per_model",
        "In a league's season that is forecast, every match has one row of each model, be it the reason why there is "
        "no forecast.",
        _sql(
            _CURRENT,
            """SELECT l.code AS league, m.season, m.id AS match_id, count(c.id) AS rows FROM matches m
            JOIN leagues l ON l.id = m.league_id LEFT JOIN current c ON c.match_id = m.id
            WHERE EXISTS (SELECT FROM current o WHERE o.league_id = m.league_id AND o.season = m.season)
            GROUP BY l.code, m.season, m.id
            HAVING count(c.id) <> :models OR count(DISTINCT c.model) <> :models""",
        ),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "forecasts_use_only_the_past",
        "No forecast was made from matches of its day or later.",
        _sql("""SELECT f.match_id, f.model::text, f.as_of, m.match_date, g.as_of, g.last_match_date
            FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id
            LEFT JOIN quantum.goal_model_fits g ON g.id = f.fit_id
            WHERE f.as_of > m.match_date OR g.as_of <> f.as_of OR g.last_match_date >= f.as_of
                OR g.league_id <> m.league_id"""),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "probabilities_sum_to_one",
        "Home win, draw and away win sum to 1, and none is certain or impossible.",
        _sql("""SELECT match_id, model::text, home_prob, draw_prob, away_prob FROM quantum.match_forecasts
            WHERE abs(home_prob + draw_prob + away_prob - 1) > 1e-9 OR least(home_prob, draw_prob, away_prob) <= 0"""),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "market_probabilities_recompute",
        "The market's 1x2 probabilities are powers of a book's inverse prices, with one exponent for all three.",
        _sql(
            _CURRENT,
            _EXPONENTS,
            """SELECT match_id, model, home_prob, draw_prob, away_prob, home_price, draw_price, away_price
            FROM exponents WHERE num_nulls(of_home, of_draw, of_away) > 0
                OR greatest(of_home, of_draw, of_away) - least(of_home, of_draw, of_away) > 1e-6""",
        ),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "market_totals_and_handicaps_recompute",
        "The market's probabilities of totals and handicaps are powers of a book's inverse prices at that line, with "
        "one exponent for both sides.",
        _sql(
            _CURRENT,
            _TWO_SIDED,
            """SELECT match_id, model, market, line, prob, price, other_price FROM two_sided
            WHERE price IS NULL OR prob NOT BETWEEN 1e-9 AND 1 - 1e-9
                OR abs(ln(nullif(prob, 0)) / ln(price::float8) - ln(nullif(1 - prob, 0)) / ln(other_price::float8))
                    > 1e-4""",
        ),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "model_tells_matches_apart",
        "The goal model does not give all matches of a league's season the same probabilities.",
        _sql(
            _CURRENT,
            """SELECT league, season, count(*) AS matches, min(home_prob) AS home_prob FROM current
            WHERE model = 'dixon_coles' AND home_prob IS NOT NULL GROUP BY league, season
            HAVING count(*) >= 20 AND count(DISTINCT home_prob) = 1""",
        ),
        blocks=True,
    ),
    Rule(
        "match_forecasts",
        "fits_rest_on_the_results_of_now",
        "Each fit saw as many matches, and goals of both sides in them, as its window holds now. If not: a result was "
        "corrected, or came late; forecast the league's later seasons again.",
        _sql("""SELECT l.code AS league, g.as_of, g.n_matches, g.home_goals, g.away_goals, count(m.id) AS held,
                sum(m.home_goals) AS home_goals_held, sum(m.away_goals) AS away_goals_held
            FROM quantum.goal_model_fits g JOIN leagues l ON l.id = g.league_id
            LEFT JOIN matches m ON m.league_id = g.league_id AND m.home_goals IS NOT NULL
                AND m.match_date < g.as_of AND m.match_date >= g.as_of - CAST(:window AS int)
            WHERE g.model_version = :model_version
                AND EXISTS (SELECT FROM quantum.match_forecasts f WHERE f.fit_id = g.id)
            GROUP BY g.id, l.code
            HAVING (count(m.id), coalesce(sum(m.home_goals), 0), coalesce(sum(m.away_goals), 0))
                <> (g.n_matches, g.home_goals, g.away_goals)"""),
        blocks=False,
    ),
    Rule(
        "match_forecasts",
        "model_is_better_than_base_rates",
        "Over each league's season, the goal model's ranked probability score is lower than that of base rates.",
        _sql(
            _CURRENT,
            _RPS,
            """SELECT league, season, count(*) FILTER (WHERE model = 'dixon_coles') AS matches,
                avg(rps) FILTER (WHERE model = 'dixon_coles') AS rps_of_model,
                avg(rps) FILTER (WHERE model = 'base_rate') AS rps_of_base_rates
            FROM scored GROUP BY league, season
            HAVING count(*) FILTER (WHERE model = 'dixon_coles') >= 100
                AND avg(rps) FILTER (WHERE model = 'dixon_coles') >= avg(rps) FILTER (WHERE model = 'base_rate')""",
        ),
        blocks=False,
    ),
    Rule(
        "match_forecasts",
        "forecasts_are_fresh",
        "While the leagues play, the matches of the last 28 days and of the next seven have a forecast row.",
        _sql("""SELECT l.code AS league, m.season, count(*) AS matches_without_forecast FROM matches m
            JOIN leagues l ON l.id = m.league_id
            WHERE :in_season AND NOT l.is_simulated AND m.season = :season
                AND m.match_date BETWEEN CAST(:now AS timestamptz)::date - :look_back
                    AND CAST(:now AS timestamptz)::date + 7
                AND NOT EXISTS (SELECT FROM quantum.match_forecasts f WHERE f.match_id = m.id)
            GROUP BY l.code, m.season"""),
        blocks=False,
    ),
)
