"""The glossary holds the courseware's Chinese terms, each with pinyin that fits its characters."""

import re
import unicodedata
from collections import Counter

import pytest

from helpers import exercises

TERMS = exercises.everywhere("TERMS")
EACH_TERM = pytest.mark.parametrize(
    "term",
    [term for _, term in TERMS],
    ids=[f"{chapter} {term.english}" for chapter, term in TERMS],
)

# Every Chinese term of the courseware (Mr Zhang's name and title apart).
COURSEWARE = """
    客户 使用者 影响者 决策者 批准者 购买者 把关者 消费客户 中间客户 公利客户 内部客户
    屈从型 关怀型 适应型 冷漠型 感知 感知价值 满意度 忠诚度 传道者 图利者 囚禁者 破坏者
    买得到 买得起 乐得买 客户细分 感应鼠标 业绩 客户生命周期 建立期 发展期 加强期 维持期
    恢复期 识别期 稳定期 成熟期 衰退期 客户终身价值
"""
TONES = "\u0304\u0301\u030c\u0300"
FINAL = r"[aeiouü]|a[io]|ei|i(a|ao|e|u)|ou|u(a|ai|e|i|o)|üe"
WITHOUT_TONE = r"n?g?(de|zi)"  # with the end of the syllable before


def test_every_chinese_term_of_the_courseware_is_in_the_glossary():
    known = {name for _, term in TERMS for name in term.chinese.split("/")}
    assert set(COURSEWARE.split()) - known == set()


def test_no_term_has_two_meanings():
    for names in ([t.english.casefold() for _, t in TERMS], [t.chinese for _, t in TERMS]):
        assert [name for name, times in Counter(names).items() if times > 1] == []


def syllables(pinyin: str) -> list[str]:
    """Split pinyin at its vowels: within a word a syllable that begins with one has a mark '."""
    plain = unicodedata.normalize("NFD", pinyin).replace("u\u0308", "ü").casefold()
    return re.findall(rf"[^\W_aeiouü]*(?:[aeiouü][{TONES}]*)+", plain)


def test_syllables_are_told_apart():
    assert len(syllables("Mǎ'ěrkěfū liàn")) == 5 and len(syllables("èr-bā fǎzé")) == 4
    assert syllables("liúshī lǜ") == [
        unicodedata.normalize("NFD", "liú"),
        unicodedata.normalize("NFD", "shī"),
        "lü\u0300",
    ]


@EACH_TERM
def test_pinyin_has_a_syllable_for_each_character(term):
    said = syllables(term.pinyin)
    assert len(said) == len(re.findall(r"[\u4e00-\u9fff]", term.chinese)), said
    for syllable in said:
        marks = [char for char in syllable if char in TONES]
        bare = "".join(char for char in syllable if char not in TONES)
        assert len(marks) == 1 or (not marks and re.fullmatch(WITHOUT_TONE, bare)), syllable
        assert re.fullmatch(FINAL, re.sub(r"^[^aeiouü]+", "", bare)), syllable


@EACH_TERM
def test_a_meaning_is_one_line(term):
    assert "\n" not in term.meaning and len(term.meaning.split()) <= 20
