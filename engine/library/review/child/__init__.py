"""The part of the review that touches hostile syntax trees: it runs in a process of its own.

Everything in here is standard library only, imports nothing of ``engine``, and is started by
``engine.library.review.worker`` as ``python -I -S`` with memory and CPU limits. The reviewed code
is parsed and compiled, never imported and never executed.
"""
