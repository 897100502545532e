"""What the bench times: the same tasks, done by the course, written plainly, and by its peers.

`python contenders.py NAME SMALL BIG`, run by the Python of an environment that has NAME, reads two
files of numbers and then, from each line `TASK small` or `TASK big` on stdin, does the task once
and answers with a line of JSON: how long it took and, for the small file, the result. NumPy is all
that the environments have in common.

A contender is a class: it gets the numbers in the form that it likes (not timed), and each of its
methods is a task, which ends with the result in memory. A column that means what the course's does
has the course's name, so that results can be compared.
"""

import gc
import json
import os
import sys
import time
import warnings
from importlib import metadata
from typing import ClassVar

import numpy as np

END = "2025-12-31"
COLUMNS = {"customer_id_col": "customer", "datetime_col": "date"}
WITH_YUAN = COLUMNS | {"monetary_value_col": "yuan", "observation_period_end": END}


class _Frames:
    """The numbers as pandas tables, for all that works on those."""

    names: ClassVar[dict] = {}  # the course's names of the columns that a peer calls otherwise

    def __init__(self, numbers):
        import pandas as pd

        self.sales = pd.DataFrame({name: numbers[name] for name in ("customer", "date", "yuan")})
        self.sales["date"] = self.sales["date"].astype("datetime64[us]")
        self.stays = pd.DataFrame({name: numbers[name] for name in ("days", "lost")})
        names = ("frequency", "recency", "T", "monetary_value")
        self.histories = pd.DataFrame({name: numbers[f"fit_{name}"] for name in names})
        self.histories.insert(0, "customer_id", range(len(self.histories)))
        self.repeat = self.histories[self.histories["frequency"] > 0]
        self.end = pd.Timestamp(END)

    def columns(self, result) -> dict:
        """Return the columns of a result by name, as lists."""
        result = result.rename(columns=self.names)
        if result.index.name:
            result = result.rename_axis("customer").reset_index()
        return result.to_dict("list")


def _long(triangle) -> dict:
    """Return a table of cohorts × age as three columns, cohorts numbered from 0."""
    share = triangle.to_numpy()
    cohort, age = np.indices(share.shape).reshape(2, -1)
    return {"cohort": cohort.tolist(), "age": age.tolist(), "share": share.ravel().tolist()}


class Course(_Frames):
    def __init__(self, numbers):
        from helpers import churn, lifecycle, segments

        super().__init__(numbers)
        self.segments, self.churn, self.lifecycle = segments, churn, lifecycle

    def rfm(self):
        return self.segments.rfm(self.sales, **WITH_YUAN)

    def summary(self):
        return self.lifecycle.lifetime_summary(self.sales, **WITH_YUAN)

    def cohorts(self):
        return self.churn.retention_triangle(
            self.sales, **COLUMNS, observation_period_end=END, period="quarter"
        )

    def silence(self):
        return self.churn.silent_losses(self.sales, **COLUMNS, observation_period_end=END)

    def survival(self):
        return self.churn.survival_curve(self.stays["days"], self.stays["lost"])

    def bg_nbd(self):
        return self.lifecycle.fit_bg_nbd(self.histories)

    def gamma_gamma(self):
        return self.lifecycle.fit_gamma_gamma(self.histories)

    def columns(self, result):
        if isinstance(result, self.lifecycle.Fit):
            return {name: [value] for name, value in result.parameters.items()}
        return _long(result) if result.index.name == "cohort" else super().columns(result)


class Pandas(_Frames):
    """Written plainly: what a good hand does without thinking long."""

    def rfm(self):
        table = self.sales.groupby("customer").agg(
            first_purchase=("date", "min"),
            last_purchase=("date", "max"),
            n_purchases=("date", "size"),
            monetary=("yuan", "sum"),
        )
        table["recency_days"] = (self.end - table["last_purchase"]).dt.days
        table["monetary"] = table["monetary"].round(6)
        table["mean_value"] = table["monetary"] / table["n_purchases"]
        scored = {"r": ("recency_days", False), "f": ("n_purchases", True), "m": ("monetary", True)}
        for name, (value, up) in scored.items():
            rank = table[value].rank(ascending=up)
            score = (2 * rank - 1) * 5 // (2 * len(table)) + 1
            table[f"{name}_score"] = score.astype("int64")
        number = 100 * table["r_score"] + 10 * table["f_score"] + table["m_score"]
        table["rfm_segment"] = number.astype("str")
        return table

    def summary(self):
        customer, date = self.sales["customer"], self.sales["date"]
        dates = date.groupby(customer)
        first, last = dates.min(), dates.max()
        days = self.sales[["customer", "date"]].drop_duplicates().groupby("customer").size()
        repeats = self.sales["yuan"].where(date > dates.transform("min"), 0).groupby(customer).sum()
        frame = type(self.sales)
        table = frame({"frequency": days - 1, "recency": (last - first).dt.days / 7})
        table["T"] = (self.end - first).dt.days / 7
        table["monetary_value"] = repeats / (days - 1).where(days > 1)
        return table

    def cohorts(self):
        date = self.sales["date"]
        active = self.sales[["customer"]].assign(quarter=date.dt.year * 4 + date.dt.quarter)
        active = active.drop_duplicates()
        first = active.groupby("customer")["quarter"].transform("min").rename("cohort")
        age = active["quarter"] - first
        table = active.groupby([first, age]).size().unstack(fill_value=0)  # noqa: PD010
        seen = table.index.to_numpy()[:, None] + table.columns.to_numpy() <= active["quarter"].max()
        return table.div(table[0], axis="index").where(seen)

    def silence(self):
        visits = self.sales[["customer", "date"]].drop_duplicates()
        visits = visits.sort_values(["customer", "date"])
        gaps = visits.groupby("customer")["date"].diff().dt.days.groupby(visits["customer"])
        table = gaps.median().where(gaps.count() > 1).to_frame("cycle_days")
        table["silence_days"] = (self.end - visits.groupby("customer")["date"].last()).dt.days
        table["cycles_silent"] = table["silence_days"] / table["cycle_days"]
        lost = (table["cycles_silent"] > 3).astype("boolean")
        return table.assign(lost=lost.where(table["cycle_days"].notna()))

    def survival(self):
        left = self.stays.groupby("days")["lost"].agg(["size", "sum"])
        at_risk = len(self.stays) - left["size"].cumsum().shift(fill_value=0)
        lost = left["sum"]
        table = (1 - lost / at_risk).cumprod().to_frame("survival")
        with np.errstate(divide="ignore", invalid="ignore"):
            greenwood = (lost / (at_risk * (at_risk - lost))).cumsum()
            spread = 1.959963984540054 * np.sqrt(greenwood) / np.log(table["survival"])
        table["low"] = table["survival"] ** np.exp(-spread)
        table["high"] = table["survival"] ** np.exp(spread)
        return table.rename_axis("time").reset_index()

    def columns(self, result):
        return _long(result) if result.index.name == "cohort" else super().columns(result)


class Polars:
    """Written plainly, with its lazy frames; the result stays in Polars."""

    def __init__(self, numbers):
        import polars

        self.pl = polars
        names = ("customer", "date", "yuan")
        self.sales = polars.DataFrame({name: numbers[name] for name in names})
        self.end = polars.lit(END).str.to_date()

    def rfm(self):
        pl = self.pl

        def score(value, up):
            middle = 2 * pl.col(value).rank("average", descending=not up) - 1
            return (middle * 5 // (2 * pl.len()) + 1).cast(pl.Int64)

        date, yuan = pl.col("date"), pl.col("yuan")
        return (
            self.sales.lazy()
            .group_by("customer")
            .agg(
                first_purchase=date.min(),
                last_purchase=date.max(),
                recency_days=(self.end - date.max()).dt.total_days(),
                n_purchases=pl.len(),
                monetary=yuan.sum().round(6),
            )
            .with_columns(
                mean_value=pl.col("monetary") / pl.col("n_purchases"),
                r_score=score("recency_days", False),
                f_score=score("n_purchases", True),
                m_score=score("monetary", True),
            )
            .with_columns(rfm_segment=pl.concat_str("r_score", "f_score", "m_score"))
            .sort("customer")
            .collect()
        )

    def summary(self):
        pl = self.pl
        date, yuan = pl.col("date"), pl.col("yuan")
        return (
            self.sales.lazy()
            .group_by("customer", "date")
            .agg(yuan.sum())
            .group_by("customer")
            .agg(
                frequency=pl.len() - 1,
                recency=(date.max() - date.min()).dt.total_days() / 7,
                T=(self.end - date.min()).dt.total_days() / 7,
                monetary_value=yuan.filter(date > date.min()).mean(),
            )
            .sort("customer")
            .collect()
        )

    def cohorts(self):
        pl = self.pl
        quarter = pl.col("date").dt.year().cast(pl.Int64) * 4 + pl.col("date").dt.quarter()
        size = (
            self.sales.lazy()
            .select("customer", quarter=quarter)
            .unique()
            .with_columns(cohort=pl.col("quarter").min().over("customer"))
            .group_by("cohort", age=pl.col("quarter") - pl.col("cohort"))
            .agg(share=pl.len())
            .sort("cohort", "age")
        )
        return size.with_columns(pl.col("share") / pl.col("share").first().over("cohort")).collect()

    def columns(self, result):
        if "cohort" in result:
            result = result.with_columns(self.pl.col("cohort") - self.pl.col("cohort").min())
        numbers = [name for name, kind in result.schema.items() if kind.is_numeric()]
        return result.select(numbers).to_dict(as_series=False)


class DuckDB:
    """Written plainly in SQL, from a table in memory; the result stays in DuckDB."""

    def __init__(self, numbers):
        import duckdb

        self.database = duckdb.connect()
        sales = {name: numbers[name] for name in ("customer", "yuan")}
        sales["date"] = numbers["date"].astype("datetime64[us]")
        self.database.sql(
            "CREATE TABLE sales AS SELECT customer, date::DATE AS date, yuan FROM sales"
        )

    def _result(self, query):
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE result AS {query}")

    def rfm(self):
        scores = ", ".join(
            f"((rank() OVER {name} - 1 + round(cume_dist() OVER {name} * count(*) OVER ()))::BIGINT"
            f" * 5) // (2 * count(*) OVER ()) + 1 AS {name}_score"
            for name in "rfm"
        )
        self._result(
            f"""
            WITH customers AS (
                SELECT customer, min(date) AS first_purchase, max(date) AS last_purchase,
                    DATE '{END}' - max(date) AS recency_days, count(*) AS n_purchases,
                    round(sum(yuan), 6) AS monetary
                FROM sales GROUP BY customer),
            scored AS (
                SELECT *, monetary / n_purchases AS mean_value, {scores} FROM customers
                WINDOW r AS (ORDER BY recency_days DESC), f AS (ORDER BY n_purchases),
                    m AS (ORDER BY monetary))
            SELECT *, concat(r_score, f_score, m_score) AS rfm_segment FROM scored ORDER BY customer
            """
        )

    def summary(self):
        self._result(
            f"""
            WITH visits AS (
                SELECT customer, date, sum(yuan) AS yuan FROM sales GROUP BY customer, date)
            SELECT customer, count(*) - 1 AS frequency, (max(date) - min(date)) / 7 AS recency,
                (DATE '{END}' - min(date)) / 7 AS T,
                (sum(yuan) - arg_min(yuan, date)) / nullif(count(*) - 1, 0) AS monetary_value
            FROM visits GROUP BY customer ORDER BY customer
            """
        )

    def cohorts(self):
        self._result(
            """
            WITH active AS (SELECT DISTINCT customer, year(date) * 4 + quarter(date) AS quarter
                FROM sales),
            first AS (SELECT customer, min(quarter) AS cohort FROM active GROUP BY customer),
            size AS (SELECT cohort, quarter - cohort AS age, count(*) AS n
                FROM active JOIN first USING (customer) GROUP BY cohort, age)
            SELECT cohort, age, n / first(n) OVER (PARTITION BY cohort ORDER BY age) AS share
            FROM size
            """
        )

    def columns(self, result):
        found = self.database.sql("FROM result").fetchnumpy()
        if "cohort" in found:
            found["cohort"] = found["cohort"] - found["cohort"].min()
        filled = {name: np.ma.filled(column.astype(float), np.nan) for name, column in found.items()
                  if column.dtype.kind in "iuf"}  # fmt: skip
        return {name: column.tolist() for name, column in filled.items()}


class OpenRetailScience(_Frames):
    names: ClassVar[dict] = {"frequency": "n_purchases"}

    def __init__(self, numbers):
        from openretailscience.analysis.cohort import CohortAnalysis
        from openretailscience.segmentation.rfm import RFMSegmentation

        super().__init__(numbers)
        self.by_rfm, self.by_cohort = RFMSegmentation, CohortAnalysis
        names: ClassVar[dict] = {
            "customer": "customer_id",
            "date": "transaction_date",
            "yuan": "unit_spend",
        }
        self.sales = self.sales.rename(columns=names).assign(transaction_id=range(len(self.sales)))

    def rfm(self):
        five = {"r_segments": 5, "f_segments": 5, "m_segments": 5}
        return self.by_rfm(self.sales, current_date=END, **five).df

    def cohorts(self):
        return self.by_cohort(self.sales, "customer_id", period="quarter").df

    def columns(self, result):
        if result.index.name == "min_period_shopped":
            return _long(result.div(result[0], axis="index"))  # it gives numbers of customers
        return super().columns(result)


class PymcMarketing(_Frames):
    names: ClassVar[dict] = {"customer_id": "customer"}

    def __init__(self, numbers):
        from pymc_marketing import clv

        super().__init__(numbers)
        self.clv = clv

    def rfm(self):
        return self.clv.utils.rfm_segments(self.sales, **WITH_YUAN)

    def summary(self):
        weeks = {"time_unit": "D", "time_scaler": 7}
        return self.clv.utils.rfm_summary(self.sales, **WITH_YUAN, **weeks)

    def bg_nbd(self):
        return self._fit(self.clv.BetaGeoModel(data=self.histories))

    def gamma_gamma(self):
        return self._fit(self.clv.GammaGammaModel(data=self.repeat))

    def _fit(self, model):
        model.fit(method="map", progressbar=False)
        return model

    def columns(self, result):
        if not isinstance(result, self.clv.BetaGeoModel | self.clv.GammaGammaModel):
            if "monetary_value" in result:  # 0 where there is none
                spent = result["monetary_value"].where(result["frequency"] > 0)
                result = result.assign(monetary_value=spent)
            return super().columns(result)
        found = result.fit_result
        values = {name: found[name].item() for name in found.data_vars if found[name].size == 1}
        return {{"v": "gamma"}.get(name, name): [value] for name, value in values.items()}


class Lifetimes(_Frames):
    def __init__(self, numbers):
        import lifetimes

        super().__init__(numbers)
        self.lifetimes = lifetimes

    def summary(self):
        from lifetimes.utils import summary_data_from_transaction_data

        weeks = {"freq": "D", "freq_multiplier": 7}
        return summary_data_from_transaction_data(self.sales, **WITH_YUAN, **weeks)

    def bg_nbd(self):
        table = self.histories
        return self.lifetimes.BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])

    def gamma_gamma(self):
        table = self.repeat
        return self.lifetimes.GammaGammaFitter().fit(table["frequency"], table["monetary_value"])

    def columns(self, result):
        if hasattr(result, "params_"):
            values = result.params_.to_dict()
            return {{"v": "gamma"}.get(name, name): [value] for name, value in values.items()}
        spent = result["monetary_value"].where(result["frequency"] > 0)  # 0 where there is none
        return super().columns(result.assign(monetary_value=spent))


class Lifelines(_Frames):
    def survival(self):
        from lifelines import KaplanMeierFitter

        fitted = KaplanMeierFitter().fit(self.stays["days"], self.stays["lost"])
        table = fitted.survival_function_.join(fitted.confidence_interval_)
        table.columns = ["survival", "low", "high"]
        return table.rename_axis("time").reset_index()


CONTENDERS = {
    "course": Course,
    "pandas": Pandas,
    "polars": Polars,
    "duckdb": DuckDB,
    "openretailscience": OpenRetailScience,
    "pymc-marketing": PymcMarketing,
    "lifetimes": Lifetimes,
    "lifelines": Lifelines,
}


def main(name: str, small: str, big: str) -> None:
    """Do what stdin asks for, task by task."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    data = {"small": CONTENDERS[name](np.load(small)), "big": CONTENDERS[name](np.load(big))}
    version = "" if name == "course" else metadata.version(name)
    for line in sys.stdin:
        task, size = line.split()
        gc.collect()
        started = time.perf_counter()
        result = getattr(data[size], task)()
        answer = {"seconds": time.perf_counter() - started, "version": version}
        if size == "small":
            answer["columns"] = data[size].columns(result)
        del result
        print(json.dumps(answer, default=str), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
