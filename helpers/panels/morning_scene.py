"""The scene of chapter 01's game: who is in it, and what each box of each scheme is answered."""

from __future__ import annotations

from typing import NamedTuple

NONE, UNKNOWN = "not a customer here", "cannot tell yet"

# The boxes of each scheme: relation to the firm (syllabus R5), value (S2), product responsibility
# (S4). To each come NONE and UNKNOWN.
SCHEMES = {
    "relation": ["consumer", "intermediary", "public-interest", "internal"],
    "value": ["A VIP", "B main", "C ordinary", "D small"],
    "responsibility": ["retail consumer", "enterprise customer", "agent", "internal customer"],
}


class Party(NamedTuple):
    """Somebody, or something, in the scene.

    `right` holds for each scheme the boxes that can be defended, the plainest first; `reasons`
    holds for each scheme what is to be said to each of its boxes, the right ones included.
    """

    name: str
    where: str
    wants: str
    right: dict[str, list[str]]
    reasons: dict[str, dict[str, str]]


# In the order of the scene. Three of them are no customers in any scheme.
PARTIES = {
    "head": Party(
        "Mr Zhang (the head)",
        where="sits at his desk; the others report to him and ask him to decide",
        wants="plain reports, and advice that he can decide on",
        right={"relation": ["internal"], "value": [NONE], "responsibility": ["internal customer"]},
        reasons={
            "relation": {
                "consumer": "He neither buys nor uses a product this morning. What lands on his "
                "desk is reports.",
                "intermediary": "He sells through others; he does not buy in order to sell on.",
                "public-interest": "He speaks for his firm, not for the public.",
                "internal": "The HR manager's worry and the project manager's news end on his "
                "desk: who receives the output of a colleague's work is that colleague's customer.",
                NONE: "In the narrow sense, true: he buys nothing. Think of the broad sense: whose "
                "work ends on his desk?",
                UNKNOWN: "The scene shows what he receives and from whom: nothing is missing.",
            },
            "value": {
                "A VIP": "Rank is not value. A to D sort those who buy, by what their business "
                "brings.",
                "B main": "A main customer buys, and has some influence. He has all the influence "
                "and buys nothing.",
                "C ordinary": "An ordinary customer brings a modest sum a year. He brings none: "
                "what he receives is not sold to him.",
                "D small": "Even a small customer buys something. To stand outside a scheme is not "
                "to stand at its bottom.",
                NONE: "He buys nothing from his own firm, so a scheme by value of business does "
                "not reach him: a customer in one sense and not in another.",
                UNKNOWN: "No figure would settle it: his purchases are nil, and will be.",
            },
            "responsibility": {
                "retail consumer": "The retail desk serves people who pay for a product of ours. "
                "What he is served is a report.",
                "enterprise customer": "He heads an enterprise, but in this scene it sells.",
                "agent": "An agent sells for us in a territory. Those who sell for him are others.",
                "internal customer": "HR and the project team answer to him for their work: they "
                "serve him, inside the firm.",
                NONE: "Somebody is responsible to him for results. Which colleagues came in?",
                UNKNOWN: "Who reports to whom is plain in the scene.",
            },
        },
    ),
    "hr_manager": Party(
        "the HR manager",
        where="talks with Mr Zhang about the veteran and the people that growth will need",
        wants="a decision and time for her people before the firm grows",
        right={"relation": ["internal"], "value": [NONE], "responsibility": ["internal customer"]},
        reasons={
            "relation": {
                "consumer": "She uses no product of ours in this scene: she needs an answer from "
                "her head.",
                "intermediary": "She passes on words between people, and no goods: nothing is "
                "bought to be sold on.",
                "public-interest": "Her care is for the staff of one firm; the public is wider.",
                "internal": "Mr Zhang's decision is what her work needs to go on: she receives it, "
                "so here the head serves her.",
                NONE: "She came for something. Who puts out what she needs?",
                UNKNOWN: "What she waits for is said in the scene, and by whom it is given.",
            },
            "value": {
                "A VIP": "What she does matters much, but A means much business, and she places no "
                "orders.",
                "B main": "A rep's visits would be wasted on her: she has nothing to order.",
                "C ordinary": "An ordinary customer is one of many who buy a little. She is a "
                "colleague who buys nothing.",
                "D small": "D asks whether a buyer can rise. She is no buyer, large or small.",
                NONE: "Her worth to the firm is real, and no sales figure holds it: this scheme "
                "sorts buyers.",
                UNKNOWN: "There is no turnover with her to look up.",
            },
            "responsibility": {
                "retail consumer": "No shop and no club card: she came up the stairs from her own "
                "office.",
                "enterprise customer": "Her enterprise is ours, so no contract of sale stands "
                "between us.",
                "agent": "She acts for the firm, but an agent sells its goods, at his own risk.",
                "internal customer": "A colleague who depends on what the head decides: the "
                "firm is responsible to her from within.",
                NONE: "She is served this morning, well or badly: by her own head.",
                UNKNOWN: "She is on the payroll: that is enough to know which desk she belongs to.",
            },
        },
    ),
    "veteran": Party(
        "the veteran employee",
        where="is talked about: long with the firm, and has lost heart",
        wants="recognition, fair work and a place in what comes next",
        right={"relation": ["internal"], "value": [NONE], "responsibility": ["internal customer"]},
        reasons={
            "relation": {
                "consumer": "He helps to make the product. Nothing says that he buys it.",
                "intermediary": "Goods go through his hands in the works, not through his books.",
                "public-interest": "One disheartened man is not the public, sad as it is.",
                "internal": "He lives on what management puts out: tasks, tools, thanks. Absent "
                "from the room, and a customer all the same; this one is being lost.",
                NONE: "He is not in the room, but two people are busy serving him, or failing to. "
                "Whose output does he receive?",
                UNKNOWN: "That he has lost heart is a sign of who it is that serves him badly.",
            },
            "value": {
                "A VIP": "He may be the most precious of them all, but precious as a worker: A is "
                "earned by buying.",
                "B main": "B asks why orders stall. What stalls here is a man's will to work.",
                "C ordinary": "To trim service when money is short, as with C, may be how he lost "
                "heart; but he is no buyer.",
                "D small": "“If not, let go early” is the policy for D. Years of service are not a "
                "small order.",
                NONE: "What his leaving would cost is large, and still it is no turnover with a "
                "customer: another scale is needed.",
                UNKNOWN: "His worth as a worker is not told, true; as a buyer it is nil.",
            },
            "responsibility": {
                "retail consumer": "If he ever buys in our shop, he is one there; not here.",
                "enterprise customer": "He works in an enterprise; he is not one.",
                "agent": "He has no territory and no wholesale price to fight for.",
                "internal customer": "HR and his superiors answer to him for the conditions of his "
                "work. They seem to have been slow.",
                NONE: "Somebody's service has failed him: the talk is about nothing else.",
                UNKNOWN: "He is one of our own people; no more is needed.",
            },
        },
    ),
    "project": Party(
        "the new project",
        where="nears completion while they talk",
        wants="nothing: it is work, and only people want",
        right={"relation": [NONE], "value": [NONE], "responsibility": [NONE]},
        reasons={
            "relation": {
                "consumer": "It consumes money and hours, but a customer judges what it receives.",
                "intermediary": "It stands between idea and product, yet buys and sells nothing.",
                "public-interest": "Whom it will serve is open; itself it speaks for nobody.",
                "internal": "Those who work on it are colleagues. The project is what they make.",
                NONE: "A project is a process. Ask who receives its output: there the customers "
                "are.",
                UNKNOWN: "Its customers may be unknown so far; that it is none itself is known.",
            },
            "value": {
                "A VIP": "It may bring A customers one day. It brings in no order of its own.",
                "B main": "No rep can visit a project and come back with an order.",
                "C ordinary": "It buys nothing, ordinary or not: it costs.",
                "D small": "Can it rise? As a product perhaps; as a buyer never.",
                NONE: "What it earns will be earned with customers, and counted with them.",
                UNKNOWN: "Its profit is unknown. That is a figure about a product, not a buyer.",
            },
            "responsibility": {
                "retail consumer": "It might end in a shop, on the shelf and not before it.",
                "enterprise customer": "Enterprises may buy what comes of it; it is ours.",
                "agent": "It sells nothing for us: it is not even finished.",
                "internal customer": "It sits inside the firm, but a task is not a colleague.",
                NONE: "No desk serves a project; several work for it.",
                UNKNOWN: "Wait for its buyers by all means. The project will not become one.",
            },
        },
    ),
    "new_staff": Party(
        "staff still to be hired",
        where="will come with the expansion that Mr Zhang and the HR manager plan",
        wants="to know what the work is, and somebody who trains them",
        right={
            "relation": ["internal", UNKNOWN],
            "value": [NONE],
            "responsibility": ["internal customer", UNKNOWN],
        },
        reasons={
            "relation": {
                "consumer": "They will make and sell the product; that they use it is not said.",
                "intermediary": "A firm that grows hires people; it does not sell to them for "
                "resale.",
                "public-interest": "Today they are still somewhere among the public, but they do "
                "not act for it.",
                "internal": "Once here, they receive training, tasks and wages from colleagues. "
                "One can prepare for a customer who has not come yet.",
                NONE: "Not today. But a plan that forgets whom it will serve is how the next "
                "veteran loses heart.",
                UNKNOWN: "Fair: nobody is hired yet. One would need to know who comes and when. "
                "Once here, they are internal.",
            },
            "value": {
                "A VIP": "Great hopes are not great orders, and they will place none.",
                "B main": "Time and money will go into them, but not to win their orders.",
                "C ordinary": "“Tomorrow's stars” fits them in spirit; C sorts buyers.",
                "D small": "The newest and the lowest paid, perhaps: of staff, not of buyers.",
                NONE: "Whoever is hired, wages flow to them and no turnover comes from them.",
                UNKNOWN: "Even when names and numbers are known, they will not be buyers.",
            },
            "responsibility": {
                "retail consumer": "They come through the staff entrance, not through the shop.",
                "enterprise customer": "They are to join our enterprise; another one is the "
                "customer.",
                "agent": "Some may sell for us, on our payroll: an agent trades on its own "
                "account.",
                "internal customer": "From their first day HR and their superiors answer to them "
                "for training and tools.",
                NONE: "Not before their first day. Who should think of them before it?",
                UNKNOWN: "Fair: until somebody is hired, nobody need be served. After that, inside "
                "the firm.",
            },
        },
    ),
    "agent": Party(
        "the agent on the phone",
        where="calls: wants a lower wholesale price for volume, takes extra gifts instead, "
        "presses for delivery today and for last week's repaired units",
        wants="margin and speed: price, gifts, delivery today, repairs back",
        right={
            "relation": ["intermediary"],
            "value": ["B main", UNKNOWN],
            "responsibility": ["agent"],
        },
        reasons={
            "relation": {
                "consumer": "Asks for a wholesale price: who buys to use one piece does not.",
                "intermediary": "Buys in order to sell on, and so asks for margin, speed and "
                "repairs that do not shame it before its own buyers.",
                "public-interest": "It speaks for its margin, and well.",
                "internal": "It sells our goods, but with its own money: it can turn to a rival "
                "tomorrow, and no colleague bargains for gifts.",
                NONE: "It pays our invoices. It is a customer even if it is not the last one.",
                UNKNOWN: "Wholesale price, volume, its own buyers who wait: that tells enough.",
            },
            "value": {
                "A VIP": "Volume enough to ask for a price, and not enough to get it: for a "
                "strategic account one seeks more than a bag of gifts. Much volume at a thin "
                "margin may be worth little.",
                "B main": "Buys in volume and again and again, was refused the price and still "
                "kept friendly: worth time and gifts. Its margin would have to confirm it.",
                "C ordinary": "For one of many the head of the firm does not pick up the phone, "
                "nor add gifts.",
                "D small": "Volume, repairs of last week, an order for today: this is not small.",
                NONE: "It buys, and not a little: only its rank is open to argument.",
                UNKNOWN: "Fair: one would need its purchases of a year, our margin on them, and "
                "what serving it costs. By what is heard it is a main customer.",
            },
            "responsibility": {
                "retail consumer": "Retail consumers come after it, one piece at a time.",
                "enterprise customer": "It is a firm, but one that sells the goods on instead of "
                "working with them.",
                "agent": "Sells on in its own name: the channel desk answers to it for price, "
                "delivery and repairs.",
                "internal customer": "However often it calls, it is not on the payroll.",
                NONE: "Somebody here must deliver today and see to the repairs. For whom?",
                UNKNOWN: "How it trades is plain from what it asks for.",
            },
        },
    ),
    "agent_buyers": Party(
        "the agent's buyers",
        where="are heard through the agent: they like the fashionable look and the few "
        "failures, and some wait for their repaired units",
        wants="a good look, few failures, and a short wait when one fails",
        right={
            "relation": ["consumer"],
            "value": [UNKNOWN, "D small"],
            "responsibility": ["retail consumer", UNKNOWN],
        },
        reasons={
            "relation": {
                "consumer": "They use what we make. They pay the agent, and judge us.",
                "intermediary": "The chain ends with them: they buy to use.",
                "public-interest": "They are many, but each speaks and pays for one alone.",
                "internal": "They work elsewhere, and would be surprised to hear it.",
                NONE: "They are not our agent's problem alone: it is our product that they hold, "
                "and our repair that they wait for.",
                UNKNOWN: "Who they are by name we cannot tell; what they do with the product is "
                "told.",
            },
            "value": {
                "A VIP": "Together they may be worth much, and that is counted as the agent's. "
                "No one of them is.",
                "B main": "Not one of them is known here by name: no rep can visit them.",
                "C ordinary": "We keep in touch with C customers. Have we ever met one of these?",
                "D small": "Defensible: each buys a piece or two. But one would need the agent's "
                "list to see whether a large one hides among them.",
                NONE: "They bring the money that the agent passes on; that nobody has counted it "
                "by head is another matter.",
                UNKNOWN: "Honest: we do not know how many they are, nor what each buys. Only the "
                "agent does. To ask for that is worth more than a gift costs.",
            },
            "responsibility": {
                "retail consumer": "They bought for their own use and look to the maker for "
                "quality and repair, through whichever shop.",
                "enterprise customer": "A contract with us they have not; they buy over the "
                "agent's counter.",
                "agent": "The agent is between them and us; they sell nothing.",
                "internal customer": "No colleague of ours has a unit in that repair shop.",
                NONE: "A warranty binds the maker to whoever holds the product, sold directly or "
                "not.",
                UNKNOWN: "Fair: an agent may sell to offices too; one would need to ask it. The "
                "fashionable look points to people who buy for themselves.",
            },
        },
    ),
    "repaired_units": Party(
        "the repaired units",
        where="were sent in, and the agent wants them back: since last week",
        wants="nothing: those who own them want them back",
        right={"relation": [NONE], "value": [NONE], "responsibility": [NONE]},
        reasons={
            "relation": {
                "consumer": "They are used; somebody uses them. Look behind them.",
                "intermediary": "They go from us to the agent to the owner, and buy nothing on "
                "the way.",
                "public-interest": "They are private property, and late.",
                "internal": "They lie in our workshop as guests: they are worked on, not served.",
                NONE: "Things are no customers; behind each stands an owner who waits.",
                UNKNOWN: "A thing can be told from a person without more facts.",
            },
            "value": {
                "A VIP": "Urgent they are. Urgent and valuable customers are two things, and these "
                "are no customers.",
                "B main": "Their owners may be worth a visit; a unit in repair orders nothing.",
                "C ordinary": "Ordinary goods, perhaps. The boxes are for those who bought them.",
                "D small": "A small parcel is not a small customer.",
                NONE: "A repair costs money, and its customer's value is counted elsewhere.",
                UNKNOWN: "What they cost new is on the price list; it does not make them buyers.",
            },
            "responsibility": {
                "retail consumer": "Their owners may be that; what lies in repair buys nothing.",
                "enterprise customer": "Not unless a scanner can sign a contract.",
                "agent": "The agent asks for them: it is not one of them.",
                "internal customer": "The workshop works on them, for somebody else.",
                NONE: "We are responsible for them, to their owners.",
                UNKNOWN: "Whose they are we may have to look up. What they are, not.",
            },
        },
    ),
    "project_manager": Party(
        "the project manager",
        where="bursts in with the news of the contract",
        wants="to be heard, and the people and parts that the contract needs",
        right={"relation": ["internal"], "value": [NONE], "responsibility": ["internal customer"]},
        reasons={
            "relation": {
                "consumer": "Brings the news of a sale; has not bought.",
                "intermediary": "Stands between us and the multinational, but on our side and on "
                "our wages: nothing is bought to be sold on.",
                "public-interest": "Speaks for the project, and loudly. The public has not asked.",
                "internal": "Needs what others inside put out: the head's decisions, the works' "
                "products, HR's people. Just now a supplier of good news; from now on a customer.",
                NONE: "In this minute only a giver. What will be needed tomorrow to keep what was "
                "promised, and from whom?",
                UNKNOWN: "Any contract must be carried out with what colleagues deliver.",
            },
            "value": {
                "A VIP": "Whoever brings an A customer is not one.",
                "B main": "Has influence, and no order book for our goods.",
                "C ordinary": "No turnover is booked with a colleague, however ordinary.",
                "D small": "Buys nothing, so is not even small.",
                NONE: "The contract's value is the multinational's. Counted here as well it would "
                "be counted twice.",
                UNKNOWN: "The bonus may be unknown. Purchases there are none.",
            },
            "responsibility": {
                "retail consumer": "Wears the firm's badge, and comes without a receipt.",
                "enterprise customer": "The contract is with an enterprise; this is who won it.",
                "agent": "Won a contract for us, and is paid wages: an agent lives on its own "
                "margin.",
                "internal customer": "The works, purchasing and HR will have to deliver to this "
                "project: colleague to colleague.",
                NONE: "Who answers to the project now that the date is signed?",
                UNKNOWN: "An employee of ours, as the title says.",
            },
        },
    ),
    "multinational": Party(
        "the multinational",
        where="has signed: a large firm, whose present equipment the product upgrades and does "
        "not replace, after it passed the quality test",
        wants="quality that is proved, and the equipment that it has kept in use",
        right={
            "relation": ["consumer"],
            "value": ["A VIP"],
            "responsibility": ["enterprise customer"],
        },
        reasons={
            "relation": {
                "consumer": "Buys to use: our product goes into equipment of its own. A consumer "
                "need not be a person.",
                "intermediary": "It is large and trades with the world, but this it does not sell "
                "on: it upgrades its own equipment.",
                "public-interest": "Known to the public is not acting for it: it pays from its "
                "own purse, for its own use.",
                "internal": "Close as we may work together, it is another firm.",
                NONE: "A contract is signed: somebody will pay, and will use what is delivered.",
                UNKNOWN: "What it does with the product is said in the news itself.",
            },
            "value": {
                "A VIP": "A large contract, and equipment that can be upgraded for years: worth a "
                "team that stays with the account. A judgement until the first invoices confirm "
                "it.",
                "B main": "A rep's visits would do for B. Here one contract may outweigh many "
                "accounts, and the quality of the work decides on the next.",
                "C ordinary": "If people and money are short, would you trim service here?",
                "D small": "The first contract only, true. But nobody bursts in over a small one.",
                NONE: "It has signed to pay us: that is business, and has a grade.",
                UNKNOWN: "The sum is not told, true. But the grade decides how it is served from "
                "tomorrow: whoever waits for the figures has chosen already.",
            },
            "responsibility": {
                "retail consumer": "It uses what it buys as a consumer does, but buys by contract "
                "and test, not in a shop.",
                "enterprise customer": "An organisation that buys for its own work, by contract: "
                "the project team answers to it.",
                "agent": "It has no territory to sell us in, and wants none.",
                "internal customer": "Its staff are its own, and so are its decisions.",
                NONE: "We have just promised it something in writing.",
                UNKNOWN: "Contract, quality test, equipment: it can be told.",
            },
        },
    ),
    "equipment_staff": Party(
        "its equipment staff",
        where="work at the multinational with the equipment that is upgraded",
        wants="that nothing stops, nothing is relearned and somebody comes when it does",
        right={
            "relation": ["consumer"],
            "value": ["A VIP", NONE],
            "responsibility": ["enterprise customer"],
        },
        reasons={
            "relation": {
                "consumer": "They are the users: nobody asked them to sign, and they will judge "
                "first.",
                "intermediary": "They pass nothing on to another buyer: they work with it.",
                "public-interest": "They are a few people at one firm.",
                "internal": "Internal to the multinational, yes; seen from our firm they are "
                "outside.",
                NONE: "They sign nothing and pay nothing. The narrow sense of “customer”, though, "
                "is the final user.",
                UNKNOWN: "Their names are not told. Whose hands will be on the product is.",
            },
            "value": {
                "A VIP": "As part of the account: a customer is all who share one decision and "
                "its risk, so they are graded with their firm.",
                "B main": "Within one account there are no two grades: it is one relation.",
                "C ordinary": "One of many hands, but hands of an account that is not ordinary.",
                "D small": "Each buys nothing alone; to treat them as small would cost the large "
                "account.",
                NONE: "Defensible: the turnover is booked with their firm, and they buy nothing "
                "themselves. They still decide about the next contract.",
                UNKNOWN: "Either they count with their firm or not at all; no figure is missing.",
            },
            "responsibility": {
                "retail consumer": "They use it as consumers do, and did not buy it: warranty and "
                "training are their firm's by contract.",
                "enterprise customer": "The same contract serves them: installing, training, "
                "help when something stops.",
                "agent": "They work with the product, and sell none of it.",
                "internal customer": "Colleagues of one another at the multinational, not of ours.",
                NONE: "Whoever installs and trains will stand before them, and not before their "
                "chairman.",
                UNKNOWN: "They come with the contract: which desk serves it is known.",
            },
        },
    ),
    "rival": Party(
        "the rival who also bid",
        where="did not get the contract",
        wants="the same customers as we",
        right={"relation": [NONE], "value": [NONE], "responsibility": [NONE]},
        reasons={
            "relation": {
                "consumer": "It may buy a piece to take apart. That is not what it is here for.",
                "intermediary": "It sells its own, and against us.",
                "public-interest": "The public gains by rivals; they act for themselves.",
                "internal": "Not even on its best day: it works against us.",
                NONE: "It receives nothing of ours but bad news. A rival is part of the market, "
                "and not a customer in it.",
                UNKNOWN: "What it wants is known: the contract.",
            },
            "value": {
                "A VIP": "It deserves close attention, of another kind: it brings no business.",
                "B main": "“If orders go to rivals, find out why”: yes, but from the customer.",
                "C ordinary": "Keeping in touch may be wise; it still buys nothing.",
                "D small": "How large it is says nothing here: no order has come of it.",
                NONE: "It takes turnover and brings none: that is no low value, that is none.",
                UNKNOWN: "One would like to know its price. It would not make it a customer.",
            },
            "responsibility": {
                "retail consumer": "It looks at our shelves to compare, and buys nothing there.",
                "enterprise customer": "It is an enterprise; so are we.",
                "agent": "It has agents, some of them ours as well. It is not one.",
                "internal customer": "Some of its staff may once have been ours; it never was.",
                NONE: "No desk of ours answers to it, and rightly.",
                UNKNOWN: "Which of our desks would serve it? None does.",
            },
        },
    ),
}
