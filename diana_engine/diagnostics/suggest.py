"""Did you mean …? The known name that a mistyped one most likely stands for.

Why not `difflib.get_close_matches`: measured over 100,000 ids it needs 0.1–0.5 s for each name, it
sees two swapped letters as two mistakes (at the cutoff that keeps nonsense out it finds nothing for
`kye`), and it knows nothing of full ids: for `plaza.gate` it offers `plaza.arrival` and not
`garden.gate`. The edit distance below counts what fingers do: a letter too many, too few or wrong,
or two neighbours swapped, is one slip each (Damerau–Levenshtein, optimal string alignment).

Names are sorted once and walked as a tree of prefixes: the rows of the distance table belong to a
prefix and are shared by all names that begin with it, and where every row is beyond the limit the
whole branch is skipped. A search visits hundreds of names where a scan would visit all of them.

A story can be so broken that thousands of names are missing. All searches over the same names
therefore share a budget, counted in rows so that every machine stops at the same one: whoever has
that many names wrong is not helped by the spelling of the last.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Names", "closest"]

_MOST = 4
"""However long a name is, more slips than this make another name."""

_ELSEWHERE = 2
"""What a wrong chapter costs at most: as much as two slips, for fragments do move."""

BUDGET = 60_000
"""Rows of distance tables that all searches in one `Names` may take: half a second."""

_LAST = "\U0010ffff"

_ByLength = dict[int, list[str]]


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `name` most likely means, or `None` when none is near.

    Case counts only between equals, then the alphabet decides: the answer never depends on the
    order of the candidates. Of full ids (`chapter.fragment`) the last part must be near, and the
    chapter may be another. Who asks often about the same candidates makes a `Names` once.
    """
    return Names(candidates).closest(name)


class Names:
    """Known names, ready to be asked for the closest one again and again."""

    __slots__ = ("_budget", "_full", "_lasts", "_plain", "_wholes")

    def __init__(self, candidates: Iterable[str], budget: int = BUDGET) -> None:
        self._budget = _Budget(budget)
        self._plain: dict[str, list[str]] = {}
        self._full: dict[str, list[tuple[str, str]]] = {}
        for candidate in set(candidates):
            chapter, dot, last = candidate.casefold().rpartition(".")
            if dot:
                self._full.setdefault(last, []).append((chapter, candidate))
            else:
                self._plain.setdefault(last, []).append(candidate)
        self._wholes = _by_length(self._plain)
        self._lasts = _by_length(self._full)

    def closest(self, name: str) -> str | None:
        """Return the known name that `name` most likely means; see the function `closest`.

        Once the budget is spent, nothing is found any more.
        """
        if self._budget.rows <= 0:
            return None
        folded = name.casefold()
        # Most slips are single, and looking for fewer is much quicker than looking for many. What a
        # wider search finds more is further away, so the first find that is near enough stands.
        found: list[tuple[int, str]] = []
        for reach in range(1, _limit(folded) + 1):
            found = list(self._within(folded, reach))
            if found and min(found)[0] <= reach:
                break
        if self._budget.rows <= 0:
            return None
        return min(((_rank(name, *one), one[1]) for one in found), default=(None, None))[1]

    def _within(self, name: str, reach: int) -> Iterator[tuple[int, str]]:
        chapter, dot, last = name.rpartition(".")
        yield from self._as_plain(name, reach)
        yield from self._as_full(chapter, last, reach)
        if not dot:
            yield from self._as_full(*_split_where_known(name, self._full), reach)

    def _as_plain(self, name: str, reach: int) -> Iterator[tuple[int, str]]:
        for slips, folded in _near(name, self._wholes, min(reach, _limit(name)), self._budget):
            for known in self._plain[folded]:
                yield slips, known

    def _as_full(self, chapter: str, last: str, reach: int) -> Iterator[tuple[int, str]]:
        for slips, folded in _near(last, self._lasts, min(reach, _limit(last)), self._budget):
            for home, known in self._full[folded]:
                yield slips + self._chapter_cost(chapter, home), known

    def _chapter_cost(self, written: str, home: str) -> int:
        """Say how many slips it takes to name the chapter `home`: none, one, or as good as any."""
        if written == home:
            return 0
        if not written:
            return 1
        near = _near(written, {len(home): [home]}, 1, self._budget)
        return 1 if next(near, None) else _ELSEWHERE


class _Budget:
    """Rows that may still be computed."""

    __slots__ = ("rows",)

    def __init__(self, rows: int) -> None:
        self.rows = rows


def _by_length(words: Iterable[str]) -> _ByLength:
    lengths: _ByLength = {}
    for word in sorted(words):
        lengths.setdefault(len(word), []).append(word)
    return lengths


def _split_where_known(name: str, full: dict[str, list[tuple[str, str]]]) -> tuple[str, str]:
    """Read `garden_gate` or `gardengate` as the full id it nearly is."""
    for cut in range(1, len(name)):
        if name[cut:] in full:
            return name[:cut].rstrip("_-/: "), name[cut:]
    return "", ""


def _limit(name: str) -> int:
    return min(_MOST, max(1, len(name) // 3))


def _rank(name: str, slips: int, known: str) -> tuple[int, bool, bool, int, str]:
    """Order what was found: fewest slips, then only swaps, the same first letter, the same case."""
    folded, other = name.casefold(), known.casefold()
    unlike = sum(a != b for a, b in zip(name, known, strict=False))
    return slips, sorted(folded) != sorted(other), folded[:1] != other[:1], unlike, known


def _near(name: str, words: _ByLength, limit: int, budget: _Budget) -> Iterator[tuple[int, str]]:
    """Yield the words within `limit` slips of `name`, each after its distance.

    Two names of which nothing agrees are never near, however short they are.
    """
    for length in range(len(name) - limit, len(name) + limit + 1):
        budget.rows -= 1  # looking costs something even where nothing is near
        if length not in words or budget.rows <= 0:
            continue
        for slips, word in _walk(name, words[length], limit, budget):
            if slips == 0 or slips < max(len(name), length):
                yield slips, word


def _walk(
    name: str, words: Sequence[str], limit: int, budget: _Budget
) -> Iterator[tuple[int, str]]:
    """Yield the near ones of some sorted words of one length."""
    rows: list[Sequence[int]] = [range(len(name) + 1)]
    index, before = 0, ""
    while index < len(words) and budget.rows > 0:
        word = words[index]
        depth = _shared(before, word, len(rows) - 1)
        before = word
        del rows[depth + 1 :]
        while depth < len(word):
            rows.append(_row(name, word, rows, limit))
            depth += 1
            budget.rows -= 1
            # A swap reaches back over one row, so two rows must be beyond hope.
            if min(rows[-1]) > limit and min(rows[-2]) >= limit:
                index = bisect_left(words, word[:depth] + _LAST, index + 1)
                break
        else:
            if rows[-1][-1] <= limit:
                yield rows[-1][-1], word
            index += 1


def _shared(a: str, b: str, most: int) -> int:
    for place, (one, other) in enumerate(zip(a[:most], b, strict=False)):
        if one != other:
            return place
    return min(len(a), len(b), most)


def _row(name: str, word: str, rows: Sequence[Sequence[int]], limit: int) -> Sequence[int]:
    """Return the row of the distance table for the next letter of `word`.

    Only a band of cells is computed: whoever strays from the diagonal must add or drop a letter for
    each step, and as many again to come back to where the two lengths meet.
    """
    depth, meet = len(rows), len(name) - len(word)
    lowest, highest = (meet - limit + 1) // 2, (meet + limit) // 2
    letter, above = word[depth - 1], rows[-1]
    before, swapped = (rows[-2], letter + word[depth - 2]) if depth > 1 else (above, None)
    row = [limit + 1] * (len(name) + 1)
    if -depth >= lowest:
        row[0] = depth
    for place in range(max(1, depth + lowest), min(len(name), depth + highest) + 1):
        same = name[place - 1] == letter
        best = above[place - 1] if same else 1 + min(above[place - 1], above[place], row[place - 1])
        if name[max(0, place - 2) : place] == swapped:
            best = min(best, before[place - 2] + 1)
        row[place] = best
    return row
