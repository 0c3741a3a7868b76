"""What the instruments are made of: how an error is measured, and what would measure nothing.

:mod:`~gdl_utils.measuring.nested` walks inputs and outputs of any nesting,
:mod:`~gdl_utils.measuring.guards` runs a map without leaving a trace
(:mod:`~gdl_utils.measuring.watching` what takes part in it),
:mod:`~gdl_utils.measuring.refusals` turns away what would mean nothing,
:mod:`~gdl_utils.measuring.channels` says what is measured on its own,
:mod:`~gdl_utils.measuring.variation` how much that varies, and
:mod:`~gdl_utils.measuring.errors` puts them together. The instruments themselves are
:func:`~gdl_utils.symmetry.equivariance_error`, :func:`~gdl_utils.symmetry.check_action` and
:func:`~gdl_utils.auditing.audit`. See chapter 04, *The blueprint*.
"""
