"""Use cases, whole: data, models and baselines of one task each, made of the library's parts.

Three builds of animals in :mod:`~gdl_utils.cases.shapes` (chapter 03), matching points in
:mod:`~gdl_utils.cases.correspondence` (08), handed patterns in :mod:`~gdl_utils.cases.spirals`
(09), rare diseases in :mod:`~gdl_utils.cases.diagnosis` (21).

The rooms know nothing of any use; a use case may import every room and every leaf, and nothing
imports a use case.
"""
