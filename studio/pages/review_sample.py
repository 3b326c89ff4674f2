"""The code behind the sample button: ordinary, and it takes three passes to reach the score of 7.

What stays is a bug that no rule can fix without changing what the code does.
"""

SAMPLE = '''\
"""Monthly report of orders."""
import json
import os
import sys
from typing import Dict, List, Optional


def load_orders(path: str) -> List[Dict]:
    """Read the orders of one month from a JSON file."""
    if not os.path.exists(path):
        raise FileNotFoundError("no such file: " + path)
    else:
        with open(path, "r", encoding="utf-8") as file:
            orders = json.load(file)
        return orders


def is_billable(order: Dict, currency: Optional[str] = None) -> bool:
    """Tell whether an order counts in this currency."""
    if order["status"] == "paid":
        return currency is None or order["currency"] == currency
    else:
        return False


def total(orders: List[Dict], seen: List[str] = []) -> float:
    """Add up what was paid, each order once."""
    result = 0.0
    for order in orders:
        if not order["id"] in seen:
            seen.append(order["id"])
            result = result + order["amount"]
    return result


def summary(path: str) -> str:
    """Describe a month in one line."""
    orders = [order for order in load_orders(path) if is_billable(order)]
    customers = {order["customer"] for order in orders}
    heading = f"Orders of this month"
    counts = "{} from {} customers".format(len(orders), len(customers))
    return heading + ": " + counts + ", " + str(total(orders))
'''
