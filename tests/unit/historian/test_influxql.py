from historian.grid import Grid
from historian.influx import influxql
from plant.model import StationPath

PATH = StationPath("douvrin", "electrode", "line-1", "o'brien")


def test_names_cannot_leave_their_quotes() -> None:
    assert influxql.identifier('x" FROM y; DROP MEASUREMENT "z') == r'"x\" FROM y; DROP MEASUREMENT \"z"'
    assert influxql.identifier("\\") == r'"\\"'
    assert influxql.identifier("a\nb") == r'"a\nb"'


def test_texts_cannot_leave_their_quotes() -> None:
    assert influxql.text("' OR '1'='1") == r"'\' OR \'1\'=\'1'"
    assert influxql.text("\\' OR 1=1") == r"'\\\' OR 1=1'"


def test_text_with_a_control_character_is_asked_as_a_pattern_that_means_only_itself() -> None:
    assert influxql.equals("key", "C1") == "\"key\"::field = 'C1'"
    assert influxql.equals("key", "a.b/\r") == r'"key"::field =~ /^a\x{2e}b\x{2f}\x{d}$/'


def test_query_reads_as_it_is_meant() -> None:
    assert influxql.select(
        [influxql.field("x")],
        "coater",
        [influxql.of_paths([PATH]), influxql.in_range(5, 10)],
        by_station=True,
        newest_first=True,
        limit=3,
    ) == (
        'SELECT "x"::field FROM "coater" WHERE (("site"::tag = \'douvrin\' AND "area"::tag = \'electrode\''
        " AND \"line\"::tag = 'line-1' AND \"station\"::tag = 'o\\'brien')) AND time >= 5ms AND time < 10ms"
        ' GROUP BY "area"::tag, "line"::tag, "site"::tag, "station"::tag ORDER BY time DESC LIMIT 3'
    )


def test_buckets_start_where_the_grid_says() -> None:
    query = influxql.select_buckets(["max(x)"], "coater", ["time > 0"], Grid(60_000, 7))
    assert query.endswith(" GROUP BY time(60000ms, 7ms) fill(none)")
