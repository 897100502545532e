"""What the chapters' prose says of the data: chapter → code cell → what is true after it has run.

Prose is the same in every world, so what it claims must be true in every world; a figure belongs
in an output. Add a line when a sentence leans on the data, and soften the sentence, or compute it,
when a world shows that it is not so.
"""

AGREE = "metrics.adjusted_rand_score"

FACTS = {
    "01_customer_roles": {
        "ages": ['by_age[["roles_met", "won"]].diff().dropna().gt(0).all(axis=None)'],
        "all-roles": ["gaps.iloc[0] > 10"],  # "what is left at the top is not small"
    },
    "02_value_and_loyalty": {
        "mice": ["beyond.is_monotonic_increasing"],  # the more layers, the higher the value
        "dearest": ['puzzle["price"].head(4).max() <= 2'],
        "mended": ['along.index[-1] == "weighted sum"'],
        "complainers": [
            'file.groupby("complained")["n_orders"].mean().is_monotonic_increasing',
            'file.groupby("orders", observed=True)["stayed"].mean().is_monotonic_increasing',
        ],
        "cheapest": ['answers.loc[cheaper, "bought"].mean() > 0.5'],
        "what-they-bring": ["margin[True] > margin[False]"],  # "what an apostle brings more"
    },
    "03_segmentation": {
        "tiers-agreement": [  # mostly the crowd on the lowest rung
            '2 * (customers["tier"].eq("D") & customers["metal"].eq("lead")).sum() > customers["tier"]'
            '.astype(str).map(dict(zip("ABCD", ["platinum", "gold", "iron", "lead"])))'
            '.eq(customers["metal"].astype(str)).sum()'
        ],
        "head-or-tail": ["beyond_20 > 0.5 > beyond_fifth"],  # same data, two answers
    },
    "04_segment_grids": {
        "who-came-back": ['back["ordered again, %"].is_monotonic_decreasing'],
        "handles-lean": ["lean > 0.3"],
        "relations-look": ["held > 1"],  # "all the others together lost the rest"
        "relations-judged": ['judged["profit 2025"].idxmax() == "strategic partner"'],
        "reveal-star": ["(grown >= 50_000).mean() < 0.25"],  # "foretelling was a poor bet"
        "seen": ['seen["2024 H2"] > stars.sum() / 2'],
        "conflict": ["inside[2025] > lacking[2025] > 0"],
        "reveal-explained": ["0 < inside[2025] - inside[2023] < fall"],
    },
    "05_rfm_and_behaviour": {
        "who-came-back": [
            'back.loc["both rules", "mean"] < 0.5 < back.loc["neither", "mean"]',
        ],
        "beside-bands": [
            f"0.2 < {AGREE}(band, groups) < 0.8",
            f"{AGREE}(unscaled, groups) < {AGREE}(band, groups)",
        ],
        "nearest": [  # "mere counting is hard to beat"
            'guesses["by lot"] < guesses["most purchases"] > guesses["50 look-alikes"] - 0.1'
        ],
        "extra-by-band": ['extra["3 to 10"] > max(extra["over 20"], extra["none"])'],
        "by-each-rule": [
            'max(rows, key=lambda rule: rows[rule]["the mailed brought"]) == "top spenders"'
        ],
    },
    "06_churn": {
        "came-back": [
            'before.index[rules["three cycles"]].isin(later).mean()'
            ' > before.index[before["gone"]].isin(later).mean()'
        ],
        "reveal-half": ["half < wrong"],
        "recorded": ['written.index[0] == "price"'],  # "Had we taken the reps' word …"
        "read-diary": ["has_clue[True] > has_clue[False] > 0"],
        "total-by-hand": ['0 < cheapest["leave"] < model["loss_rate"]'],
    },
    "07a_case_quality": {
        "by-dose": ['halved.loc["many", "rate"] > halved.loc["hardly any", "rate"]'],
        "control": [
            'table.loc["hardly any", "scanners"] - table.loc["many", "scanners"]'
            ' > abs(table.loc["hardly any", "other lines"] - table.loc["many", "other lines"])'
        ],
        "lost": ["lost > 0"],
    },
    "07b_case_moved": {
        "three-questions": ['case_b in set(like_b["account_id"])'],
        "branch-money": [
            "0.35 < at_branch['yuan'].sum() / before[case_b] < 0.65",  # "half of what B bought"
            "at_branch['date'].min().month in (2, 3, 4, 5)",  # "began in spring"
        ],
        "rules-compared": [
            'judged["at B on"].idxmin() == "a note of a merger"',
            'judged["at B on"].idxmax() == "no order for 90 days"',
            'judged.loc["a note of a merger", "bought on"]'
            ' > judged.loc["three people gone in 60 days", "bought on"]',
        ],
    },
    "07c_case_rep": {
        "reveal-stayed": ["share[True] > share[False]"],
        "threads": ["len(one) / len(today) > 0.7"],  # "nearly all hang on one thread"
        "alarms-shown": ["len(others & autumn) / len(others) > 0.6"],  # "most stay"
    },
    "08_lifecycle": {
        "paths": ["0 < len(in_order) < 0.1 * len(left)"],  # few live the slide's curve
        "reveal-stay": ['rates.loc["stable", "stable"] < 0.5'],
        "by-origin": [  # it buries the living, and it wakes the dead: in all, little is left
            '(who["chain"] > who["fact"])[["develop", "stable", "decline"]].all()',
            'who.loc["gone", "chain"] < who.loc["gone", "fact"]',
            'abs(chain["gone"] / fact["gone"] - 1) < 0.1',
        ],
        "reveal-back": ["back.iloc[0] > 3 * back.iloc[-1]"],
        "waves-table": [  # "bought less in the half-year after"
            'near[near["group"] == "with"].groupby("after").size().is_monotonic_decreasing'
        ],
        "months": ['leaving["mean"].iloc[2] > leaving["mean"].iloc[0]'],
        "fees-money": ["bought == 0"],
    },
    "09_lifetime_value": {
        "survivors": ["survivors[10] / survivors[0] > constant**10"],  # "Did they grow fonder?"
        "sbg-by-hand": ["stay > share[1]"],
        "pace": ['known["pace"].sum() > known["came"].sum()'],
        "fit-bg-nbd": ['abs(miss["expected"]) < miss["pace"]'],
        "value-2025": ['shares["forecast"] > shares["margin, last half-year"]'],
        "discounts": ['off["mean"][3] > off["mean"][1]'],
        "by-channel": ['channels["first year, yuan"].idxmax() == "referral"'],
        "ceilings": ['(table["times"] > 2).all()'],  # "The gap is wide"
        "next-thousand": ['offers["these bring"].iloc[0] > 0 > offers["these bring"].iloc[-1]'],
    },
    "10_early_warning": {
        "answers": [  # "The reps gave much to large accounts, which order anyway"
            'chosen.groupby("treatment")["before"].mean().idxmin() == "nothing"',
            '(lot["after"] > 0).mean() > 0.75',
        ],
        "kept": ['kept["kept"].idxmin() == "nothing"'],
        "reveal-sign": ["lift.iloc[0] > 2"],
        "learn": [
            'hits.loc["tree without a limit"].iloc[0] == hits.iloc[:, 0].max()',
            'hits.loc["tree without a limit"].iloc[1] < hits.iloc[:, 1].max()',
        ],
        "leaky": [  # "The hits shoot up!"
            'lists_by("leaky")["lost"].sum() > 1.2 * lists_by("risk")["lost"].sum()'
        ],
        "today": ['call_list["signs up"].eq("none").any()'],
    },
    "11_customer_management": {
        "talk-and-margin": ["margin.iloc[-1] < margin.iloc[:-1].sum()"],
        "risk-table": ['risk["rate"].iloc[-1] > risk["rate"].iloc[0]'],
        "uplift": ['kept["repair"] > kept["nothing"]'],
        "plans": ['worth.idxmax() == "by marginal return"'],
        "allocate": ['abs(best_of(hours).value - worth["by marginal return"]) < 1'],
        "two-limits": ["both.value > by_hour"],
    },
    "12_capstone": {
        "wang": ['by_rep.index[0] == "Wang Sheng"'],
        "beside": ['after["the place"] < after["all others"]'],
    },
}
