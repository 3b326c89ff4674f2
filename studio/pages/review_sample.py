"""The code behind the sample button: small, ordinary, with something of each kind to find."""

SAMPLE = '''\
import os
import sys
import json


def load_orders(path, cache={}):
    """Read orders from a JSON file."""
    if path in cache:
        return cache[path]
    else:
        f = open(path)
        orders = json.load(f)
        cache[path] = orders
        return orders


def total(orders, currency=None):
    sum = 0
    for order in orders:
        if order["status"] == "paid":
            if currency == None or order["currency"] == currency:
                if not "refund" in order:
                    sum = sum + order["amount"]
                else:
                    sum = sum + order["amount"] - order["refund"]
    print("total: %s" % sum)
    return sum


def report(path):
    try:
        orders = load_orders(path)
        unused = len(orders)
        return total(orders)
    except:
        return None  # TODO tell the caller what went wrong
'''
