"""KiB that LangGraph holds per interrupted thread: their number as argument, the state on stdin."""

import gc
import json
import sys
import tracemalloc
from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class Order(TypedDict):
    """The state of the bench."""

    order: int
    customer: str
    lines: list[Any]


def ask(state: Order) -> dict[str, Any]:
    return {"customer": interrupt("go")}


def main() -> None:
    count, state = int(sys.argv[1]), sys.stdin.read()
    graph = StateGraph(Order)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    compiled = graph.compile(checkpointer=InMemorySaver())

    def park(first: int) -> None:
        for number in range(first, first + count):
            config: Any = {"configurable": {"thread_id": str(number)}}
            answer = compiled.invoke(json.loads(state), config)
            assert "__interrupt__" in answer

    park(0)
    gc.collect()
    tracemalloc.start()
    park(count)
    gc.collect()
    print(tracemalloc.get_traced_memory()[0] / 1024 / count)


if __name__ == "__main__":
    main()
