"""Pictures: the kit that all chapters draw with. See chapters 01 to 09 and 21.

- :mod:`~gdl_utils.plots.style`: what a colour means, how large text is, how a figure opens
- :mod:`~gdl_utils.plots.charts`: curves with intervals, and an audit's waterfall
- :mod:`~gdl_utils.plots.seeds`: scores and differences seed by seed, with their intervals
- :mod:`~gdl_utils.plots.fields`: images and matrices
- :mod:`~gdl_utils.plots.graphs`: graphs
- :mod:`~gdl_utils.plots.surface3d`: surfaces that turn in the page, with paths, points and arrows
- :mod:`~gdl_utils.plots.live`: figures that readers move themselves

Functions return a closed matplotlib figure, which as a cell's last expression is shown once, or a
figure for the page; its ``title`` states the finding, in the author's words. What a single chapter
draws is in ``gdl_utils/figures/chNN_topic.py``.

matplotlib, pyvista, networkx and Pillow are imported inside the functions that draw, so that
importing this package needs none of them.
"""
