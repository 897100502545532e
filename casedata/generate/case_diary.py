"""What the diary says of cases A-E: the touches, word for word, and case D's deal."""

from __future__ import annotations

import pandas as pd

from . import cast

DEAL_D = -1  # key of case D's deal until deals get their ids

# Account, date, role spoken to, channel, minutes, topic, note.
_A_DIARY = [
    (cast.CASE_A, "2024-11-12", "user", "call", 18, "complaint",
     "return rate of the scanners is too high, they say, worse since autumn"),
    (cast.CASE_A, "2024-12-17", "user", "call", 22, "complaint",
     "repair takes too long, three lines stood still, wants spare units"),
    (cast.CASE_A, "2025-01-14", "buyer", "call", 25, "complaint",
     "scanners again: too many returns, they count them by batch now"),
    (cast.CASE_A, "2025-03-11", "user", "call", 15, "complaint",
     "asks where the repaired scanners (返修) are, called service twice before"),
    (cast.CASE_A, "2025-05-15", "buyer", "visit", 90, "complaint",
     "showed us their list of returns; new orders go to another maker until this stops"),
    (cast.CASE_A, "2025-08-19", "user", "call", 20, "complaint",
     "return rate still too high and repair too slow, same words as in spring"),
    (cast.CASE_A, "2025-10-21", "approver", "call", 12, "order",
     "buys from us only what it has to this year"),
]  # fmt: skip
_B_DIARY = [
    (cast.CASE_B, "2024-12-12", "buyer", "visit", 60, "stock check",
     "they clear their store room; talk of a quiet January"),
    (cast.CASE_B, "2025-01-09", "decider", "call", 24, "greeting",
     "this office closes in January and is merged (合并) into the group's East China branch"),
    (cast.CASE_B_BRANCH, "2025-03-04", "decider", "visit", 75, "introduction",
     "new vice-president knows our devices from a former post, asks for our list"),
    (cast.CASE_B_BRANCH, "2025-09-16", "buyer", "visit", 60, "needs",
     "two floors still on another maker's terminals, room for more"),
]  # fmt: skip
_C_DIARY = [
    (cast.CASE_C, "2024-10-10", "buyer", "visit", 80, "introduction",
     "won by Wang Sheng; everything goes through him"),
    (cast.CASE_C, "2025-03-20", "user", "visit", 60, "stock check",
     "pleased with quality, nothing failed so far"),
    (cast.CASE_C, "2025-06-12", "buyer", "visit", 45, "order",
     "says that the next order will come as usual"),
    (cast.CASE_C, "2025-07-22", "buyer", "email", 6, "introduction",
     "wrote to introduce myself, no answer"),
    (cast.CASE_C, "2025-09-18", "buyer", "call", 8, "greeting",
     "did not know me; asked where Wang Sheng is now, then had no time"),
]  # fmt: skip
_D_DIARY = [
    ("2025-05-14", "buyer", "visit", 60, "trust", "introduction",
     "first contact, met at a fair; equips forty counters next year"),
    ("2025-06-11", "gatekeeper", "call", 15, "trust", "introduction",
     "three calls until the secretary gave us a date"),
    ("2025-07-08", "influencer", "visit", 90, "needs", "needs",
     "counted work places with IT; wants terminals and scanners from one hand"),
    ("2025-09-03", "user", "visit", 120, "benefits", "demonstration",
     "trial (试用) begins, six trial units at two counters"),
    ("2025-09-25", "user", "visit", 60, "benefits", "demonstration",
     "trial ends, satisfied on every count"),
    ("2025-10-15", "decider", "visit", 75, "closing", "quotation",
     "ready to order; asks to pay quarterly (按季付款)"),
    ("2025-10-22", "buyer", "call", 14, "closing", "quotation",
     "told them: our marketing vice-president says yes to quarterly payment"),
    ("2025-10-31", "buyer", "call", 20, "closing", "quotation",
     "had to take it back: our general manager says no, monthly payment (按月付款) only"),
    ("2025-11-20", "influencer", "call", 12, "closing", "quotation",
     f"they placed a small order with {cast.RIVALS[1]} this month, to have something"),
    ("2025-12-16", "buyer", "call", 10, "closing", "quotation",
     "still waiting for one answer from us instead of two"),
]  # fmt: skip
_E_DIARY = [  # the number of the shop for its account
    (0, "2024-03-14", "buyer", "visit", 45, "needs",
     "students ask for a motion-sensing mouse (感应鼠标); can we make one?"),
    (1, "2024-04-18", "buyer", "visit", 40, "needs",
     "asks for a motion-sensing mouse (感应鼠标), would take thirty at once"),
    (2, "2024-05-23", "buyer", "visit", 45, "needs",
     "wants a motion-sensing mouse (感应鼠标) before the new term"),
    (0, "2024-06-20", "buyer", "call", 15, "needs",
     "asked again for the motion-sensing mouse; we fear the cost of making its market"),
    (1, "2024-09-12", "buyer", "call", 12, "needs",
     "motion-sensing mouse: our answer was no, they were quiet"),
    (2, "2024-11-14", "buyer", "call", 10, "needs",
     "motion-sensing mouse asked for the third time, will look elsewhere"),
    (0, "2025-04-17", "buyer", "visit", 40, "stock check",
     "takes only the Reed Mouse now, the rest of our shelf is empty"),
    (2, "2025-10-16", "buyer", "visit", 40, "stock check",
     f"next door {cast.MOTION_MOUSE_BRAND}'s motion-sensing mouse (感应鼠标) sells out weekly"),
]  # fmt: skip


def touches() -> pd.DataFrame:
    """Return the touches that tell the cases; those of D carry the key of its deal.

    Columns account_id, date, wants (the role whose holder is spoken to), channel, minutes, topic,
    note, phase, deal. Reps and contacts are filled in by `diary`.
    """
    shops = [(cast.CASE_E_SHOPS[shop], *rest) for shop, *rest in _E_DIARY]
    rows = [*_A_DIARY, *_B_DIARY, *_C_DIARY, *shops]
    columns = ["account_id", "date", "wants", "channel", "minutes", "topic", "note"]
    service = pd.DataFrame(rows, columns=columns).assign(phase="service")
    columns = ["date", "wants", "channel", "minutes", "phase", "topic", "note"]
    selling = pd.DataFrame(_D_DIARY, columns=columns).assign(account_id=cast.CASE_D, deal=DEAL_D)
    return pd.concat([service, selling], ignore_index=True).astype({"date": "datetime64[us]"})


def deal_d() -> pd.DataFrame:
    """Return case D's deal, open at AS_OF: one row, columns as the drawn deals."""
    deal = {
        "deal": DEAL_D,
        "account_id": cast.CASE_D,
        "opened": pd.Timestamp("2025-05-14"),
        "closed": pd.NaT,
        "result": "open",
        "value": 186_000.0,
        "terms_asked": "quarterly payment",
    }
    return pd.DataFrame([deal]).astype({"opened": "datetime64[us]", "closed": "datetime64[us]"})
