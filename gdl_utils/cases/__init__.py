"""Use cases, whole: models and baselines made of the library's parts. See chapter 21.

The rooms know nothing of any use; a use case may import every room and every leaf, and nothing
imports a use case.
"""
