"""Isotropic remeshing of an open surface, its border kept on its curve: for the asset makers.

Split what is too long, collapse what is too short, flip towards valence six (four on the border),
move tangentially, put back onto the source (Botsch and Kobbelt 2004), with a target length that
follows the curvature (Dunyach et al. 2013). Plain numpy and scipy, no random numbers.
"""

from __future__ import annotations

import numpy as np
from surface import Source, border, normals


class _Net:
    """Triangles that can be split, collapsed and flipped."""

    def __init__(self, verts, faces, target):
        self.pos, self.h = [v.copy() for v in verts], list(target)
        self.faces = {i: tuple(f) for i, f in enumerate(faces.tolist())}
        self.next = len(faces)
        self.star = {i: set() for i in range(len(verts))}
        for i, face in self.faces.items():
            for v in face:
                self.star[v].add(i)
        self.rim = {v for e in border(faces).tolist() for v in e}

    def put(self, face):
        self.faces[self.next] = face
        for v in face:
            self.star[v].add(self.next)
        self.next += 1

    def drop(self, i):
        for v in self.faces.pop(i):
            self.star[v].discard(i)

    def edges(self):
        return sorted(
            {tuple(sorted((f[i], f[i - 1]))) for f in self.faces.values() for i in range(3)}
        )

    def ring(self, v):
        return {u for i in self.star[v] for u in self.faces[i]} - {v}

    def ratio(self, a, b):
        d = self.pos[a] - self.pos[b]
        return float(np.sqrt(d @ d)) / min(self.h[a], self.h[b])

    def normal(self, face, moved=None, to=None):
        a, b, c = (to if v == moved else self.pos[v] for v in face)
        u, w = b - a, c - a
        return np.array(
            [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]]
        )

    def split(self, a, b):
        m = len(self.pos)
        self.pos.append((self.pos[a] + self.pos[b]) / 2)
        self.h.append((self.h[a] + self.h[b]) / 2)
        self.star[m] = set()
        both = self.star[a] & self.star[b]
        if len(both) == 1:
            self.rim.add(m)
        for i in sorted(both):
            face = self.faces[i]
            self.drop(i)
            self.put(tuple(m if v == a else v for v in face))
            self.put(tuple(m if v == b else v for v in face))

    def collapse(self, a, b):
        """Merge a into b, if the surface stays a manifold that faces the same way."""
        both = self.star[a] & self.star[b]
        if a in self.rim and b in self.rim and len(both) == 2:
            return False
        if a in self.rim and b not in self.rim:
            a, b = b, a
        ring_a, ring_b = self.ring(a), self.ring(b)
        if len(ring_a & ring_b) != len(both):
            return False
        opposite = {v for i in both for v in self.faces[i]} - {a, b}
        if any(len(self.star[v]) <= (2 if v in self.rim else 4) for v in opposite):
            return False
        fixed = b in self.rim and a not in self.rim
        to = self.pos[b] if fixed else (self.pos[a] + self.pos[b]) / 2
        for v in (ring_a | ring_b) - {a, b}:
            if np.linalg.norm(self.pos[v] - to) > 1.33 * min(self.h[v], self.h[b]):
                return False
        for v in (a, b):
            for i in self.star[v] - both:
                old, new = self.normal(self.faces[i]), self.normal(self.faces[i], v, to)
                if old @ new < 0.5 * np.sqrt((old @ old) * (new @ new)):
                    return False
        for i in sorted(both):
            self.drop(i)
        for i in sorted(self.star[a]):
            face = self.faces[i]
            self.drop(i)
            self.put(tuple(b if v == a else v for v in face))
        self.pos[b] = to
        del self.star[a]
        self.rim.discard(a)
        return True

    def flip(self, a, b):
        """Turn the edge if that brings the valences nearer to six, or opens the smallest angle."""
        both = sorted(self.star[a] & self.star[b])
        if len(both) != 2:
            return
        one, two = (self.faces[i] for i in both)
        if one[(one.index(a) + 1) % 3] != b:
            one, two = two, one
        c, d = next(v for v in one if v not in (a, b)), next(v for v in two if v not in (a, b))
        if self.star[c] & self.star[d] or (c in self.rim and d in self.rim):
            return
        new = (c, d, b), (d, c, a)
        want = lambda v: 4 if v in self.rim else 6  # noqa: E731
        size = lambda v: len(self.ring(v))  # noqa: E731
        gain = sum((size(v) - want(v)) ** 2 for v in (a, b, c, d))
        gain -= sum((size(v) - 1 - want(v)) ** 2 for v in (a, b))
        gain -= sum((size(v) + 1 - want(v)) ** 2 for v in (c, d))
        if min(size(a), size(b)) <= 4 - (a in self.rim) - (b in self.rim):
            return
        before, after = (min(self.quality(f) for f in pair) for pair in ((one, two), new))
        if not (after > before + 0.02 if gain <= 0 else after > max(0.5 * before, 0.25)):
            return
        if gain < 0 and after < before + 0.2:
            return
        n = [x / np.sqrt(x @ x) for x in map(self.normal, (one, two, *new))]
        if (
            n[2] @ n[3] < min(0.5, n[0] @ n[1] - 0.05)
            or min(n[2] @ (n[0] + n[1]), n[3] @ (n[0] + n[1])) < 0.5
        ):
            return
        for i in both:
            self.drop(i)
        for face in new:
            self.put(face)

    def quality(self, face):
        """4√3·area over the sum of the squared sides: one for the equilateral triangle."""
        a, b, c = (self.pos[v] for v in face)
        n = self.normal(face)
        sides = (a - b) @ (a - b) + (b - c) @ (b - c) + (c - a) @ (c - a)
        return 2 * np.sqrt(3) * float(np.sqrt(n @ n)) / max(sides, 1e-30)

    def split_chords(self):
        """Split inner edges that join two vertices of the border: the mirror would double them."""
        for a, b in self.edges():
            if a in self.rim and b in self.rim and len(self.star[a] & self.star[b]) == 2:
                self.split(a, b)

    def relax(self, source, keep_off):
        """Move each vertex tangentially to its neighbours' mean, and back onto the source."""
        alive = sorted(self.star)
        pos = np.array([self.pos[v] for v in alive])
        index = {v: i for i, v in enumerate(alive)}
        faces = np.array([[index[v] for v in f] for f in self.faces.values()])
        area, normal = normals(pos, faces)
        # the mean of the faces' centres, weighted by area over target area
        h = np.array([self.h[v] for v in alive])
        weight = np.linalg.norm(area, axis=1) / h[faces].mean(1) ** 2
        total, mean = np.zeros(len(pos)), np.zeros_like(pos)
        for k in range(3):
            np.add.at(total, faces[:, k], weight)
            np.add.at(mean, faces[:, k], weight[:, None] * pos[faces].mean(1))
        move = mean / total[:, None] - pos
        move -= (move * normal).sum(1, keepdims=True) * normal
        to = pos + 0.8 * move
        rim = np.array([v in self.rim for v in alive])
        ends = border(faces)
        near, count = np.zeros_like(pos), np.zeros(len(pos))
        for a, b in (ends.T, ends.T[::-1]):
            np.add.at(near, a, pos[b])
            np.add.at(count, a, 1)
        to[rim] = 0.5 * pos[rim] + 0.5 * (near[rim] / count[rim, None])
        face, bary = source.closest(to, normal)
        corner = source.faces[face]
        on = (bary[:, :, None] * source.verts[corner]).sum(1)
        on[rim] = source.on_border(to[rim])
        h = (bary * source.target[corner]).sum(1)
        on[~rim, 1] = np.maximum(on[~rim, 1], keep_off * h[~rim])
        for v, p, length in zip(alive, on, h):
            self.pos[v], self.h[v] = p, float(length)


def remesh(verts, faces, target, *, rounds=10, keep_off=0.2, steps=1):
    """Remesh a surface with a border in the plane y = 0.

    ``target`` (V,) is the wished edge length at each vertex; vertices inside the surface are kept
    ``keep_off`` of it away from the plane. Returns vertices and faces.
    """
    source = Source(verts, faces, target, steps)
    net = _Net(verts, faces, target)
    for turn in range(rounds):
        for a, b in net.edges():
            if net.ratio(a, b) > 4 / 3:
                net.split(a, b)
        for a, b in net.edges():
            there = a in net.star and b in net.star and net.star[a] & net.star[b]
            if there and net.ratio(a, b) < 4 / 5:
                net.collapse(a, b)
        for _ in range(2):
            net.split_chords()
            for a, b in net.edges():
                net.flip(a, b)
            for _ in range(2 if turn < rounds - 1 else 6):
                net.relax(source, keep_off)
    net.split_chords()
    alive = sorted(net.star)
    index = {v: i for i, v in enumerate(alive)}
    return (
        np.array([net.pos[v] for v in alive]),
        np.array([[index[v] for v in f] for f in net.faces.values()]),
    )
