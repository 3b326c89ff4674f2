"""The loops of a graph: order, dominators, back edges, and which node lies in which loop.

Nodes are numbers here and a graph is a list of successor lists; `ROOT` stands before the entries.
Every walk is iterative, and near-linear in the number of edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Loops:
    """What the shape of a graph says about its loops."""

    order: tuple[int, ...]
    """Reachable nodes so that every node comes after those before it, back edges aside."""
    back: frozenset[Arc]
    """(u, v) where every way to u leads through v: taking it starts v's next round."""
    sideways: frozenset[Arc]
    """Arcs that close a cycle without being back edges: the cycle has several ways in."""
    inner: dict[int, int]
    """The header of the innermost loop that a node lies in; a header lies in its own loop."""
    outer: dict[int, int]
    """The header of the next loop around a header's loop."""
    dominator: dict[int, int]
    """The closest node that every way to a node leads through; none for those behind no node."""

    def around(self, node: int) -> tuple[int, ...]:
        """Headers of the loops that contain `node`, innermost first."""
        found = []
        header = self.inner.get(node)
        while header is not None:
            found.append(header)
            header = self.outer.get(header)
        return tuple(found)


def find_loops(successors: Sequence[Sequence[int]], entries: Sequence[int]) -> Loops:
    """The loops of the graph as it is reached from `entries`."""
    root = len(successors)
    arcs = [*successors, entries]
    preorder, postorder, retreating = _walk(arcs, root)
    number = {node: at for at, node in enumerate(preorder)}
    predecessors = _predecessors(arcs, preorder)
    dominator = _dominators(preorder, number, predecessors, arcs, root)
    tree = _Tree(dominator)
    back = frozenset(arc for arc in retreating if tree.above(arc[1], arc[0]))
    inner, outer = _nest(preorder, predecessors, back, tree)
    return Loops(
        order=tuple(node for node in reversed(postorder) if node != root),
        back=back,
        sideways=frozenset(retreating) - back,
        inner=inner,
        outer=outer,
        dominator={node: above for node, above in dominator.items() if above != root},
    )


def _walk(arcs: Sequence[Sequence[int]], root: int) -> tuple[list[int], list[int], list[Arc]]:
    """Depth first from `root`: nodes as entered, as left, and arcs that lead back up the path."""
    preorder, postorder, retreating = [root], [], []
    on_path = {root: True}
    stack = [(root, iter(reversed(arcs[root])))]
    while stack:
        node, rest = stack[-1]
        for target in rest:
            if target not in on_path:
                on_path[target] = True
                preorder.append(target)
                stack.append((target, iter(reversed(arcs[target]))))
                break
            if on_path[target]:
                retreating.append((node, target))
        else:
            stack.pop()
            postorder.append(node)
            on_path[node] = False
    return preorder, postorder, retreating


def _predecessors(arcs: Sequence[Sequence[int]], reached: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {node: [] for node in reached}
    for node in reached:
        for target in arcs[node]:
            found[target].append(node)
    return found


def _dominators(
    preorder: Sequence[int],
    number: dict[int, int],
    predecessors: dict[int, list[int]],
    arcs: Sequence[Sequence[int]],
    root: int,
) -> dict[int, int]:
    """The immediate dominator of every reached node (Lengauer and Tarjan, simple version)."""
    parent = _tree_parents(preorder, arcs, root)
    forest = _Forest(number)
    semi = dict(number)
    bucket: dict[int, list[int]] = {}
    idom: dict[int, int] = {}
    for node in reversed(preorder[1:]):
        for before in predecessors[node]:
            semi[node] = min(semi[node], semi[forest.best(before, semi)])
        bucket.setdefault(preorder[semi[node]], []).append(node)
        above = parent[node]
        forest.link(above, node)
        for waiting in bucket.pop(above, ()):
            best = forest.best(waiting, semi)
            idom[waiting] = best if semi[best] < semi[waiting] else above
    for node in preorder[1:]:
        if idom[node] != preorder[semi[node]]:
            idom[node] = idom[idom[node]]
    idom[root] = root
    return idom


def _tree_parents(
    preorder: Sequence[int], arcs: Sequence[Sequence[int]], root: int
) -> dict[int, int]:
    """The parents of the depth-first tree that `_walk` followed."""
    parent: dict[int, int] = {}
    path = [root]
    remaining = [iter(reversed(arcs[root]))]
    entered = {root}
    while path:
        for target in remaining[-1]:
            if target not in entered:
                entered.add(target)
                parent[target] = path[-1]
                path.append(target)
                remaining.append(iter(reversed(arcs[target])))
                break
        else:
            path.pop()
            remaining.pop()
    return parent


class _Forest:
    """Trees that are linked together, answering the least `semi` on the way to a root."""

    def __init__(self, number: dict[int, int]) -> None:
        self._up: dict[int, int] = {}
        self._best = {node: node for node in number}

    def link(self, above: int, node: int) -> None:
        self._up[node] = above

    def best(self, node: int, semi: dict[int, int]) -> int:
        up, best = self._up, self._best
        if node not in up:
            return node
        path = [node]
        while up[path[-1]] in up:
            path.append(up[path[-1]])
        path.pop()
        for step in reversed(path):
            above = up[step]
            if semi[best[above]] < semi[best[step]]:
                best[step] = best[above]
            up[step] = up[above]
        return best[node]


class _Tree:
    """A tree given by parents, answering who is above whom."""

    def __init__(self, parent: dict[int, int]) -> None:
        children: dict[int, list[int]] = {}
        root = -1
        for node, above in parent.items():
            if node == above:
                root = node
            else:
                children.setdefault(above, []).append(node)
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._number(root, children)

    def _number(self, root: int, children: dict[int, list[int]]) -> None:
        stack = [(root, False)]
        clock = 0
        while stack:
            node, leaving = stack.pop()
            if leaving:
                self._last[node] = clock
                continue
            clock += 1
            self._first[node] = clock
            stack.append((node, True))
            stack.extend((child, False) for child in children.get(node, ()))

    def above(self, upper: int, lower: int) -> bool:
        """Whether `upper` is `lower` or an ancestor of it."""
        return self._first[upper] <= self._first[lower] <= self._last[upper]


def _nest(
    preorder: Sequence[int],
    predecessors: dict[int, list[int]],
    back: frozenset[Arc],
    dominators: _Tree,
) -> tuple[dict[int, int], dict[int, int]]:
    """The innermost header of each node, and the header around each header."""
    closing: dict[int, list[int]] = {}
    for source, header in back:
        closing.setdefault(header, []).append(source)
    root_of: dict[int, int] = {}
    inner: dict[int, int] = {}
    outer: dict[int, int] = {}
    for header in (node for node in reversed(preorder) if node in closing):
        for node in _body(header, closing[header], predecessors, root_of, dominators):
            root_of[node] = header
            if node in closing:
                outer[node] = header
            else:
                inner[node] = header
        inner[header] = header
    return inner, outer


def _body(
    header: int,
    sources: Sequence[int],
    predecessors: dict[int, list[int]],
    root_of: dict[int, int],
    dominators: _Tree,
) -> set[int]:
    """The nodes of a header's loop, with each loop inside it standing as its header."""
    body: set[int] = set()
    work = [_find(root_of, source) for source in sources]
    while work:
        node = work.pop()
        if node == header or node in body or not dominators.above(header, node):
            continue
        body.add(node)
        work.extend(_find(root_of, before) for before in predecessors[node])
    return body


def _find(root_of: dict[int, int], node: int) -> int:
    """The outermost loop header found so far around `node` (paths are halved on the way)."""
    while node in root_of:
        above = root_of[node]
        if above in root_of:
            root_of[node] = root_of[above]
        node = above
    return node
