"""The words of a sales diary: topics, notes in parts, and the traces that causes leave in them.

A note is made of an opening and an ending, drawn apart, so that few notes are alike and no single
word proves anything: whatever a true cause makes reps write, they also write where nothing is lost.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

# topic -> (openings, endings)
PARTS = {
    "introduction": (
        ["first meeting", "introduced ourselves", "met by way of a colleague", "tea and a tour"],
        ["left a catalogue", "asked who else decides", "listened mostly", "come again next month"],
    ),
    "needs": (
        ["went through their counters", "asked what breaks most", "counted work places",
         "talked about next year", "watched a shift at work"],
        ["they lose time on cables", "peak is in November", "want one supplier, not three",
         "speed matters more than looks", "need figures for their head"],
    ),
    "demonstration": (
        ["showed the new line", "left trial units (样机)", "demonstration for the users",
         "compared with what they have"],
        ["users liked it", "two questions open", "fits their present equipment",
         "they want to try a week longer"],
    ),
    "quotation": (
        ["sent a quotation (报价)", "went through the quotation", "second quotation",
         "talked about price and terms"],
        ["they compare", "waiting for approval", "asked for a better price",
         "budget meeting next week", "purchasing will call"],
    ),
    "order": (
        ["took an order", "order changed", "asked about the order", "planned the next quarter"],
        ["same as last time", "a little more than usual", "split over two dates",
         "wants it before the holiday", "confirmed by phone"],
    ),
    "delivery": (
        ["delivery date (交货期) asked", "parcel arrived", "one box short", "rush delivery wanted"],
        ["sorted out", "told the warehouse", "came a day late", "promised for Friday"],
    ),
    "repair": (
        ["asked after a repair (返修)", "brought a unit for repair", "repair came back",
         "lent a spare unit"],
        ["works again", "still waiting", "wants to know how long", "was a cable in the end"],
    ),
    "training": (
        ["showed new staff the devices", "training at their site", "sent the manual again"],
        ["went well", "half of them came", "they took notes", "to be repeated in spring"],
    ),
    "payment": (
        ["reconciled accounts (对账)", "reminded of an invoice", "asked for the invoice again"],
        ["paid since", "promised for this month", "their finance is on leave", "all settled"],
    ),
    "stock check": (
        ["counted stock together", "checked the shelf", "looked at what moves"],
        ["enough for six weeks", "mice nearly out", "moved slow goods to the front", "no surprise"],
    ),
    "greeting": (
        ["holiday greetings", "called to say hello", "sent the calendar", "mid-autumn call"],
        ["all well", "short talk", "new baby in the office", "they send regards"],
    ),
    "complaint": (
        ["complaint", "not happy", "upset"],
        ["took it down", "sent it on to service", "asked for patience",
         "wants an answer this week"],
    ),
}  # fmt: skip
PHASE_TOPIC = {
    "trust": "introduction",
    "needs": "needs",
    "benefits": "demonstration",
    "closing": "quotation",
}
# What a touch after the sale is about: topic -> weight.
SERVICE_TOPICS = {
    "order": 26, "delivery": 16, "repair": 9, "training": 6, "payment": 10,
    "stock check": 8, "greeting": 12, "needs": 6, "quotation": 7,
}  # fmt: skip

# cause -> (topic, note): what a rep writes in the months before an account is lost for it.
TRACES = {
    "quality": [
        ("complaint", "third return in a row, they have begun to count"),
        ("repair", "unit failed again after repair (返修), user showed it to the head"),
        ("complaint", "they ask whether all our batches are like this"),
    ],
    "innovation": [
        ("needs", "asked for a model that we do not make"),
        ("needs", "say that our range looks the same as three years ago"),
        ("demonstration", "saw a rival's new model at a fair, asked when ours comes"),
    ],
    "service": [
        ("greeting", "they say that nobody from us has come by for months"),
        ("complaint", "called twice last month and nobody called back"),
        ("repair", "had to explain the same case to three people of ours"),
    ],
    "rep_left": [
        ("greeting", "asked after their former rep, have the new number"),
        ("introduction", "did not know that their rep had changed"),
        ("order", "say that they will think it over, used to order by a word to the old rep"),
    ],
    "rival_offer": [
        ("quotation", "showed us a rival's quotation, well below ours"),
        ("quotation", "a rival lends units for three months free of charge"),
        ("order", "a first small order went to a rival, to try, they say"),
    ],
    "short_termism": [
        ("payment", "our terms changed again, third time this year, they are annoyed"),
        ("quotation", "what the last manager promised them no longer holds with us"),
        ("order", "we asked for a minimum order at the end of the quarter, they refused"),
    ],
    "closed": [
        ("payment", "staff is being laid off, half the floor is dark"),
        ("order", "no more orders, they are winding up"),
        ("greeting", "the head speaks of stopping at the end of the year"),
    ],
    "moved": [
        ("order", "purchasing goes to their head office in another province"),
        ("delivery", "asked us to collect spare units, they move out"),
        ("greeting", "office will be merged with another one, date not sure"),
    ],
    "no_need": [
        ("needs", "the project is over, they have enough devices for years"),
        ("stock check", "boxes of ours unopened in their store room"),
        ("needs", "that work is now done by a contractor with devices of its own"),
    ],
}

# What reps write after a loss.
AFTER_LOSS = [
    "no answer", "secretary says they will call back", "polite, no order", "asked again, no change",
]  # fmt: skip

# story -> notes that it leaves with the accounts it touches; {…} is a parameter of the story.
STORY_NOTES = {
    "price_war": [
        "a rival sells far below us here, everybody in {province} talks about it",
        "price war (价格战), they want our price to follow",
        "we gave way on price again, they still bought half elsewhere",
    ],
    "warehouse_flood": [
        "water in our warehouse, repairs are held up",
        "still no unit back since the flood, they are losing patience",
    ],
    "counterfeit_line": [
        "customers bring {line} that are not ours, the seal is wrong",
        "fakes (假货) of our {line} on a stall round the corner",
    ],
    "budget_freeze": [
        "budget frozen, no purchases until further notice",
        "would like to order, finance bureau has stopped all spending",
    ],
    "slow_chain": [
        "invoice open, the chain's head office pays later every month",
        "they send us to the chain's head office for the money",
    ],
    "viral_product": [
        "sold out of {sku} again, a video about it goes round",
        "queue for {sku}, asks for more of it at once",
    ],
    "generous_clerk": [
        "members like to come on certain days, nobody says why",
        "points balance looks high, asked the store to check",
    ],
    "web_rival": [
        "compares our price with a new web shop on the phone while we talk",
        "buys small goods on the web now, delivered next morning",
    ],
    "price_list_mistake": [
        "wants as many {sku} as we can send at this price",
        "glad about the price of {sku}, asks whether it stays",
    ],
}
STORY_TOPIC = {
    "price_war": "quotation", "warehouse_flood": "repair", "counterfeit_line": "complaint",
    "budget_freeze": "order", "slow_chain": "payment", "viral_product": "stock check",
    "generous_clerk": "stock check", "web_rival": "order", "price_list_mistake": "order",
}  # fmt: skip


def draw(rng: np.random.Generator, topics: pd.Series) -> np.ndarray:
    """Return a note for each topic: an opening and an ending, drawn apart."""
    notes = np.empty(len(topics), dtype=object)
    for topic, (openings, endings) in PARTS.items():
        rows = np.flatnonzero((topics == topic).to_numpy())
        first = np.array(openings, dtype=object)[rng.integers(len(openings), size=len(rows))]
        last = np.array(endings, dtype=object)[rng.integers(len(endings), size=len(rows))]
        notes[rows] = first + ", " + last
    return notes


def pick(rng: np.random.Generator, options: list, n: int) -> np.ndarray:
    """Return `n` of `options`, drawn with replacement, as an array of objects."""
    values = np.empty(len(options), dtype=object)
    values[:] = options
    return values[rng.integers(len(options), size=n)]
