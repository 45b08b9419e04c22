"""Whether a text is of a language that nothing here was made for: by its script, and by its commonest words.

`language` tells English and Chinese apart, between which a note is routed. A classifier would guess at anything else,
so what is surely of another language is told apart here. Where a text says too little, it is taken as it is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from epicrisis.text.language import language, sampled

SCRIPTS = {
    "ARABIC": "Arabic", "ARMENIAN": "Armenian", "BENGALI": "Bengali", "CYRILLIC": "Cyrillic",
    "DEVANAGARI": "Devanagari", "GEORGIAN": "Georgian", "GREEK": "Greek", "GUJARATI": "Gujarati",
    "GURMUKHI": "Gurmukhi", "HANGUL": "Korean", "HEBREW": "Hebrew", "HIRAGANA": "Japanese", "KATAKANA": "Japanese",
    "TAMIL": "Tamil", "TELUGU": "Telugu", "THAI": "Thai",
}  # fmt: skip
"""First word of the names that Unicode gives a script's letters -> what it is called."""
SCRIPT_SHARE = 0.5
"""Of a text's letters. Greek ones stand in English notes (β-blocker), Cyrillic ones in names."""
COMMON = {
    "en": "the and to of is it i you that was for on are with as my they be at have this had not but very we so all no "
    "me from she he there were more good staff been just by would when what who an or if about can could did do get "
    "nothing care service time help nurse doctor thank thanks great excellent",
    "de": "der und das nicht ist ich sie zu den mit ein eine auf für von dem sich auch es wir wurde sehr haben aber "
    "bei nach wie nur noch als keine schon hatte meine",
    "fr": "le la les et des est une pas je vous pour dans que qui sur avec très c'est mon ma il elle nous mais été "
    "ce cette du au ne sont tout bien être j'ai n'est",
    "es": "el los las y una es no que por para con muy del se mi pero como más está fue son todo bien han le lo me "
    "también nada su",
    "it": "il gli di che è una per con sono molto del della non mi ma anche più stato ho ci si tutto bene nel alla "
    "questo loro",
    "pt": "os as um uma que não com muito para por foi é mas mais me do da dos das eu está meu minha bem são também "
    "tudo nada ao",
    "nl": "het een en van niet is dat ik je met voor zijn op ook maar heel mijn wel naar er nog werd hebben zeer bij "
    "geen wij",
    "pl": "nie się jest że na do to bardzo było mi jak ale dla są od tak przez oraz byłem byłam",
    "tr": "bir ve çok için bu ne ama ile daha gibi var yok değil kadar olarak bana",
}  # fmt: skip
"""Words of every day, of ISO 639-1 codes; those that two languages share count for both."""
LEAST = 3
"""Different words of another language that a text must have, and more than twice as many as English ones."""
FEW = 0.05
"""Of texts, the share of those in a language that may be there by mistake."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _name, _words in COMMON.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _name)


def foreign(text: str) -> str | None:
    """The ISO 639-1 code of a language, or the name of a script, that a text is surely of; None where it is English or
    Chinese, or cannot be told. What a huge text costs is bounded."""
    sample = sampled(text)
    if not sample.isascii():
        letters = [character for character in sample if character.isalpha()]
        scripts = Counter(SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "") for letter in letters)
        scripts.pop("", None)
        if scripts.total() > SCRIPT_SHARE * len(letters):
            return scripts.most_common(1)[0][0]
    words = {
        word.lower()
        for word in _WORD.findall(sample.replace("’", "'"))
        if len(word) == 1 or not word.isupper() or sample.isupper()  # LA, LE and MI are abbreviations
    }
    found = Counter(name for word in words for name in _LANGUAGES.get(word, ()))
    english = found.pop("en", 0)
    if not found:
        return None
    name, count = found.most_common(1)[0]
    return name if count >= LEAST and count > 2 * english else None


def languages(texts: Iterable[str]) -> list[str]:
    """Those that the texts are in, but for a few of them."""
    found = Counter(foreign(text) or language(text) for text in texts if any(map(str.isalpha, text)))
    return sorted(name for name, count in found.items() if count >= FEW * found.total())
