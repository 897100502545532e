"""The fixed cast: accounts and people that the cases name, the same in every world."""

from __future__ import annotations

# Accounts of the cases A-E (syllabus C6) and of the channel review (S12).
CASE_A = "K0017"
CASE_B = "K0023"
CASE_B_BRANCH = "K0058"
CASE_C = "K0112"
CASE_D = "K0341"
CASE_E_SHOPS = ("K0201", "K0202", "K0203")
AGENTS = {
    "Hunan": "K0005",
    "Guangxi": "K0009",
    "Jiangsu": "K0004",
    "Shandong": "K0006",
    "Yantai": "K0031",
}

# Reps whom the cases name.
WANG_SHENG = "R07"  # 王生 looked after case C and left at the end of June 2025
