"""Graphs: reading documents, their canonical form, their shape, and the plan a run follows."""

from engine.graph.model import Edge, Graph, Join, Node, Retry, StateSpec

__all__ = ["Edge", "Graph", "Join", "Node", "Retry", "StateSpec"]
