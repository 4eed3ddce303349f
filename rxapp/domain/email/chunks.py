"""An email cut into short chunks that Jinja2 reads the same apart as together.

Reading and compiling Jinja2 is by far the slowest step from a keystroke to a preview. Cut here,
only the chunk that was typed in is read anew; the others are remembered.
"""

import re

_INSIDE = r"""[^{}'"]*+(?:(?:'[^'\\{}]*+'|"[^"\\{}]*+")[^{}'"]*+)*+"""
# A line break, the end of an element, what certainly is one whole tag, or a brace that might begin
# one and does not plainly do so. All begin with one of three characters: that makes it fast.
_MARKS = re.compile(
    r"[\n<{](?:(?<=\n)|(?<=<)(?P<end>/\w++\s*+>)|(?<=\{)(?:"
    rf"(?P<tag>\{{{_INSIDE}\}}\}}|%[-+]?\s*+(?P<word>\w*+){_INSIDE}(?<=%)\}}|#[^{{}}]*+(?<=#)\}})"
    r"|(?=[{%#])))"
)
_NO_END = re.compile(r"[\s{}]")
_DEEPER = {"if": 1, "filter": 1, "endif": -1, "endfilter": -1, "elif": 0, "else": 0}


def chunks(source: str) -> list[str]:
    """The source in pieces that each hold a tag or few, and begin and end outside of conditions.

    Where one chunk ends depends on what stands near it only. A source that is not plain enough
    to be cut safely comes as one chunk.
    """
    cut: list[str] = []
    start = depth = 0
    has_tag = False
    for mark in _MARKS.finditer(source):
        if mark["tag"]:
            word = mark["word"]
            depth += _DEEPER.get(word, 0) if word else 0
            if (word and word not in _DEEPER) or depth < 0:
                return [source]
            has_tag = True
        elif mark[0] == "{":
            return [source]
        elif has_tag and not depth:
            # What a chunk ends with is text and no white space, so that `{{-` and `-}}`, which
            # take white space away, reach no further.
            end = mark.end() if mark["end"] else mark.start()
            if not _NO_END.match(source, end - 1):
                cut.append(source[start:end])
                start, has_tag = end, False
    return [*cut, source[start:]]
