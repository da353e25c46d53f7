"""Counts and sums over a folder of exported events, as JSON: by DuckDB or by Polars."""

import json
import pathlib
import sys


def by_duckdb(files):
    import duckdb

    return duckdb.sql(f"""
        SELECT count(*), sum(position)::BIGINT, sum(strlen(payload))::BIGINT,
               count(DISTINCT event_id), sum(epoch_us(recorded_at))::VARCHAR,
               coalesce(sum((payload->>'$.gross_minor')::BIGINT), 0)::BIGINT, count(traceparent)
        FROM read_parquet('{files}')
    """).fetchall()[0]


def by_polars(files):
    import polars as pl

    frame = pl.scan_parquet(files).select(
        pl.len().alias("events"),
        pl.col("position").sum().alias("positions"),
        pl.col("payload").str.len_bytes().cast(pl.Int64).sum().alias("bytes"),
        pl.col("event_id").n_unique().alias("ids"),
        pl.col("recorded_at").dt.epoch("us").sum().cast(pl.String).alias("micros"),
        pl.col("payload").str.json_path_match("$.gross_minor").cast(pl.Int64).sum().alias("gross"),
        pl.col("traceparent").count().alias("traced"),
    )
    return frame.collect().row(0)


def main():
    library, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    files = str(folder / "tenant=*" / "**" / "*.parquet")
    found = {"duckdb": by_duckdb, "polars": by_polars}[library](files)
    names = ["events", "positions", "bytes", "ids", "micros", "gross_minor", "traced"]
    print(json.dumps(dict(zip(names, found))))


if __name__ == "__main__":
    main()
