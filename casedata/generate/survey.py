"""The survey's answers from members, and one table of theirs and the contacts'."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import START, stream

WAVES = ("2024-03-15", "2024-10-15", "2025-04-15")
WAVE_SHARE = 0.075  # of all members answer in each wave, nobody twice
RECENT_DAYS = 365  # asked are members who bought within so many days; failures then still count
COMPLAIN_SHARE = 0.6  # of those with a bad experience complain
RECOVER_SHARE = 0.6  # of the complaints are made good, by luck of the store
COMPLAINTS = ("", "; complaint=unanswered", "; complaint=made good")  # as in the truth

COLUMNS = [
    "respondent", "date", "quality", "service", "price", "overall", "rival_quality",
    "rival_service", "rival_price", "switch_at_discount", "intends_to_return",
]  # fmt: skip


def member_part(
    seed: int, members: pd.DataFrame, visits: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return members' answers (member, day, COLUMNS from quality on), and complaints.

    `visits` has member, day and bad. Complaints are positions in COMPLAINTS, one per member; only
    those of respondents are known. What is answered follows the hidden traits imperfectly:
    satisfaction colours it more than loyalty, and intentions are kinder than later behaviour.
    """
    rng = stream(seed, "survey.members")
    asked = _respondents(rng, visits, len(members))
    who = members.take(asked["member"])
    complaint = _complaints(rng, asked["bad_lately"].to_numpy())
    answers = asked[["member", "day"]].assign(**_answers(rng, who, asked["bad_lately"], complaint))
    of_members = np.zeros(len(members), dtype=np.int8)
    of_members[asked["member"]] = complaint
    return answers.sort_values(["day", "member"], ignore_index=True), of_members


def join(contact_part: pd.DataFrame, member_part: pd.DataFrame) -> pd.DataFrame:
    """Return all answers in order of date and respondent; both parts have COLUMNS."""
    answers = pd.concat([contact_part[COLUMNS], member_part[COLUMNS]], ignore_index=True)
    answers["respondent"] = answers["respondent"].astype(str)
    return answers.sort_values(["date", "respondent"], ignore_index=True)


def _respondents(rng: np.random.Generator, visits: pd.DataFrame, n_members: int) -> pd.DataFrame:
    """Return member, day and bad_lately of those who answer, wave by wave."""
    answered = np.zeros(n_members, dtype=bool)
    waves = []
    for date in WAVES:
        wave_day = (pd.Timestamp(date) - START).days
        recent = visits[visits["day"].between(wave_day - RECENT_DAYS, wave_day - 1)]
        customer = np.zeros(n_members, dtype=bool)
        customer[recent["member"]] = True
        candidates = np.flatnonzero(customer & ~answered)
        size = min(int(n_members * WAVE_SHARE), candidates.size)
        chosen = np.sort(rng.choice(candidates, size, replace=False))
        answered[chosen] = True
        bad_lately = np.zeros(n_members, dtype=bool)
        bad_lately[recent.loc[recent["bad"], "member"]] = True
        day = wave_day + rng.integers(0, 20, size)
        waves.append(pd.DataFrame({"member": chosen, "day": day, "bad_lately": bad_lately[chosen]}))
    return pd.concat(waves, ignore_index=True)


def _complaints(rng: np.random.Generator, bad_lately: np.ndarray) -> np.ndarray:
    complains = bad_lately & (rng.random(bad_lately.size) < COMPLAIN_SHARE)
    recovered = rng.random(bad_lately.size) < RECOVER_SHARE
    return (complains * np.where(recovered, 2, 1)).astype(np.int8)


def _answers(rng, who: pd.DataFrame, bad_lately, complaint) -> dict[str, np.ndarray]:
    """Return the answers of members `who`; noise is part of each."""
    noise = rng.standard_normal((9, len(who)))
    traits = who[["satisfaction", "alternatives", "loyalty", "price_sensitivity"]].to_numpy().T
    satisfaction, alternatives, loyalty, thrift = traits
    # A failure hurts; one made good leaves a better memory than none. It buys no loyalty (T10).
    mood = satisfaction - 1.1 * bad_lately.to_numpy() + np.array([0, -0.3, 1.8])[complaint]
    discount = 14 + 22 * (loyalty - 0.5) + 4 * mood - 16 * (thrift - 0.5) + 5 * noise[7]
    return {
        "quality": _scale(3.6 + 0.65 * mood + 0.6 * noise[0]),
        "service": _scale(3.4 + 0.75 * mood + 0.6 * noise[1]),
        "price": _scale(3.0 - 1.2 * (thrift - 0.5) + 0.25 * mood + 0.7 * noise[2]),
        "overall": _scale(3.5 + 0.85 * mood + 0.4 * noise[3]),
        "rival_quality": _scale(3.2 + 0.45 * alternatives + 0.7 * noise[4]),
        "rival_service": _scale(3.0 + 0.45 * alternatives + 0.7 * noise[5]),
        "rival_price": _scale(3.3 + 0.35 * alternatives + 0.7 * noise[6]),
        "switch_at_discount": (5 * np.round(discount / 5)).clip(0, 50).astype(int),
        "intends_to_return": _scale(4.2 + 0.5 * mood + 1.1 * (loyalty - 0.5) + 0.6 * noise[8]),
    }


def _scale(score: np.ndarray) -> np.ndarray:
    """Return a score as an answer from 1 to 5."""
    return np.round(score).clip(1, 5).astype(int)
