"""The pictures of one chapter each: ``chNN_topic.py``, one file or two a chapter.

What only one chapter draws is here, made with the kit in :mod:`gdl_utils.plots`; a picture that a
second chapter wants moves there. Only notebooks, studies, tests and tools import this package.
"""
