"""The same work in other engines. Each module is imported only where its package is installed.

`loop_*` counts to `steps` in a loop with one condition; `fan_*` starts one node, `width` parallel
nodes that each append their number, and a join. Building the graph is not part of the work.
"""
