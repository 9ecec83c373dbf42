"""The teacher: members that score pairs of query and product, and one stacker that makes class probabilities of them.

Members are fine-tuned by folds (``cross_fit``), the stacker sees their out-of-fold scores only, and a temperature is
fitted on queries that nobody was trained on. ``endcap.distill.teacher.ensemble.Teacher`` is what other stages use.
"""
