"""Where the named places of a PDF are: the page of each, from the file that Chromium writes.

Chromium writes its objects uncompressed, so that a page's number is found without a library.
"""

from __future__ import annotations

import re

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)\s*endobj", re.S)
REFERENCE = re.compile(rb"(\d+) 0 R")
PLACE = re.compile(rb"/((?:[^\s/\[\]<>()]|#[0-9a-fA-F]{2})+)\s*\[\s*(\d+) 0 R")


def objects(pdf: bytes) -> dict[int, bytes]:
    """The objects of a file by number, without their streams."""
    bare = re.sub(rb"stream\r?\n.*?endstream", b"", pdf, flags=re.S)
    return {int(number): body for number, body in OBJECT.findall(bare)}


def page_order(held: dict[int, bytes]) -> list[int]:
    """Numbers of the objects that are pages, in order."""
    catalog = next(body for body in held.values() if b"/Type /Catalog" in body)
    found = []

    def walk(number: int) -> None:
        body = held[number]
        kids = re.search(rb"/Kids\s*\[(.*?)\]", body, re.S)
        if kids is None:
            found.append(number)
            return
        for kid in REFERENCE.findall(kids[1]):
            walk(int(kid))

    walk(int(re.search(rb"/Pages (\d+) 0 R", catalog)[1]))
    return found


def unescaped(name: bytes) -> str:
    """A name of PDF as text: ``#2D`` is a hyphen."""
    plain = re.sub(rb"#([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), name)
    return plain.decode("utf-8", "replace")


def places(pdf: bytes) -> dict[str, int]:
    """The page, from 1, of each place that a link inside the file can lead to.

    Raises
    ------
    ValueError
        If the file names no place.
    """
    held = objects(pdf)
    at = {number: i for i, number in enumerate(page_order(held), start=1)}
    catalog = next(body for body in held.values() if b"/Type /Catalog" in body)
    found = re.search(rb"/Dests (\d+) 0 R", catalog)
    if found is None:
        raise ValueError("the PDF must name the places that its links lead to, got none")
    return {unescaped(name): at[int(page)] for name, page in PLACE.findall(held[int(found[1])])}


def links(pdf: bytes) -> list[str]:
    """The places that links inside the file lead to, one for each link."""
    text = b"\n".join(objects(pdf).values())
    return [unescaped(name) for name in re.findall(rb"/Dest /([^\s/\[\]<>()]+)", text)]


def page_count(pdf: bytes) -> int:
    return len(page_order(objects(pdf)))
