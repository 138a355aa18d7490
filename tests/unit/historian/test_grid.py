from historian.grid import WIDTHS_MS, Grid, element_of, grid_for

DAY_MS = 86_400_000
T0 = 1_760_000_000_000


def test_thirty_days_in_a_thousand_points_are_hours() -> None:
    assert grid_for(T0, T0 + 30 * DAY_MS, 1000) == Grid(3_600_000, 0)


def test_trend_that_moves_with_the_clock_keeps_its_buckets() -> None:
    grids = {grid_for(T0 + step, T0 + step + DAY_MS, 500) for step in range(0, 600_000, 7_000)}
    assert len(grids) == 1


def test_one_point_is_one_bucket_from_the_start_of_the_range() -> None:
    edge_of_all = 20_000 * DAY_MS
    start_ms, stop_ms = edge_of_all - 7, edge_of_all + 993
    grid = grid_for(start_ms, stop_ms, 1)
    assert (grid.width_ms, grid.start_of(start_ms), grid.start_of(stop_ms - 1)) == (1000, start_ms, start_ms)


def test_widths_of_a_minute_and_more_are_whole_minutes() -> None:
    assert list(WIDTHS_MS) == sorted(WIDTHS_MS)
    assert all(width % 60_000 == 0 for width in WIDTHS_MS if width >= 60_000)


def test_element_is_asked_with_brackets_at_the_end() -> None:
    assert element_of("voltage_v[12]") == ("voltage_v", 12)
    for name in ("voltage_v", "voltage_v[]", "voltage_v[-1]", "voltage_v[1]_max", "[1]", "voltage_v[1.5]"):
        assert element_of(name) is None
