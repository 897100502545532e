"""The fixed cast: accounts, people and firms that the cases name, the same in every world."""

from __future__ import annotations

import pandas as pd

# Accounts of the cases A-E (syllabus C6) and of the channel review (S12).
CASE_A = "K0017"
CASE_B = "K0023"
CASE_B_BRANCH = "K0058"
CASE_C = "K0112"
CASE_D = "K0341"
CASE_E_SHOPS = ("K0201", "K0202", "K0203")
CASES = (CASE_A, CASE_B, CASE_B_BRANCH, CASE_C, CASE_D, *CASE_E_SHOPS)
AGENTS = {
    "Hunan": "K0005",
    "Guangxi": "K0009",
    "Jiangsu": "K0004",
    "Shandong": "K0006",
    "Yantai": "K0031",
}

# Reps whom the cases name.
WANG_SHENG = "R07"  # 王生 looked after case C and left at the end of June 2025
WANG_SHENG_LEFT = pd.Timestamp("2025-06-30")
SUCCESSORS = ("R02", "R15")  # of his region; they take over his accounts

# Rivals (invented) that notes, shops and leaving reps name.
RIVALS = ("Fengdong", "Qiansheng", "Bolan")
MOTION_MOUSE_BRAND = RIVALS[0]  # makes the motion-sensing mouse (感应鼠标) of area E

# Area E: the shops of the university town, ours first; two buy from the rival.
E_SHOP_NAMES = {
    "Campus Gate Computers": CASE_E_SHOPS[0],
    "Blue Bridge Digital": CASE_E_SHOPS[1],
    "North Dormitory Tech": CASE_E_SHOPS[2],
    "Maple Street PC": None,
    "Star Corner Electronics": None,
}
