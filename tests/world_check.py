"""Works out from the recorded events alone what a simulated world has sold and what went wrong in it, and
compares it with what the world's maker says, with nothing but Python's own library.

    python3 world_check.py TRUTH ORDER_EVENTS PARTNER_EVENTS [COCKPIT]

TRUTH is what `qudao simulate --out` writes, the events are what `qudao replay --context order` and
`--context partner` print, COCKPIT is what `qudao query sales --by region --json` prints.
Prints {"ok":…,"figures":…,"problems":[…]} and exits with 0 when all is as it has to be.
"""

import json
import sys
from datetime import datetime

# Roles of programs, and of people of dealers: whoever has none of them is a person of the brand.
NOT_OF_THE_BRAND = {"ROLE_INTEGRATION", "ROLE_DEALER_OWNER", "ROLE_DEALER_STAFF"}


def events(path, tenant):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("tenant") == tenant:
                yield event


def people_of_the_brand(path, tenant):
    people = set()
    for event in events(path, tenant):
        if event["event_type"].startswith("UserRegistered"):
            if not NOT_OF_THE_BRAND & set(event["payload"]["roles"]):
                people.add(event["object_id"])
    return people


class Order:
    """What the events of one order say."""

    def __init__(self, event, people):
        payload = event["payload"]
        self.region = payload["region_path"][1]["region_id"]
        self.gross = payload["gross_minor"]
        off = lambda line: sum(discount_off(it) for it in line.get("discounts", []))
        self.off = sum(off(line) for line in payload["lines"])
        self.lines = len(payload["lines"])
        self.submitted_at = time_of(event)
        self.confirmed_at = None
        self.cancelled = False
        self.touched = False
        self.received, self.corrected = set(), set()
        self.apply(event, people)

    def apply(self, event, people):
        kind, payload = event["event_type"], event["payload"]
        if self.confirmed_at is None and event["origin"]["actor_id"] in people:
            self.touched = True
        if kind == "OrderConfirmed":
            self.confirmed_at = time_of(event)
        elif kind == "OrderCancelled":
            self.cancelled = True
        elif kind == "OrderReceived":
            self.received |= {line["line_no"] for line in payload["lines"]}
            self.corrected |= {it["line_no"] for it in payload.get("differences", [])}
            self.received |= self.corrected
        elif kind == "OrderShortClosed":
            self.gross -= sum(line["gross_minor"] for line in payload["lines"])
            self.off -= sum(line["off_minor"] for line in payload["lines"])


def discount_off(discount):
    return discount.get("off_minor", discount.get("off", 0))


def time_of(event):
    return datetime.fromisoformat(event["recorded_at"].replace("Z", "+00:00"))


def percentile(sorted_values, percent):
    if not sorted_values:
        return None
    at = max(0, -(-len(sorted_values) * percent // 100) - 1)
    return sorted_values[at]


class World:
    """What all events say."""

    def __init__(self, tenant, order_path, partner_path):
        people = people_of_the_brand(partner_path, tenant)
        self.orders, self.differences, self.parcels = {}, [], [0, 0]
        self.released, self.refused, self.captures, self.refunds = [], [], {}, {}
        self.payments = {}
        for event in events(order_path, tenant):
            if event["aggregate"] == "order":
                self.order(event, people)
            elif event["aggregate"] == "payment":
                self.payment(event)

    def order(self, event, people):
        order_id, kind = event["object_id"], event["event_type"]
        if kind == "OrderSubmitted":
            self.orders[order_id] = Order(event, people)
            return
        self.orders[order_id].apply(event, people)
        if kind == "CreditHoldReleased":
            self.released.append(order_id)
        elif kind == "CreditRefused":
            self.refused.append(order_id)
        elif kind == "OrderReceived":
            found = event["payload"].get("differences", [])
            self.parcels[0] += 1
            self.parcels[1] += bool(found)
            for it in found:
                self.differences.append((order_id, it["line_no"], it["cause"], it["quantity"]))

    def payment(self, event):
        kind, payload, payment_id = event["event_type"], event["payload"], event["object_id"]
        if kind == "PaymentStarted":
            self.payments[payment_id] = payload["order_id"]
        elif kind == "PaymentCaptured":
            order_id = self.payments[payment_id]
            self.captures[order_id] = self.captures.get(order_id, 0) + 1
        elif kind == "RefundCompleted":
            order_id = self.payments[payment_id]
            self.refunds[order_id] = self.refunds.get(order_id, 0) + 1

    def sales(self):
        sales = {}
        for order in self.orders.values():
            if not order.cancelled:
                of_region = sales.setdefault(order.region, {"orders": 0, "gross_minor": 0, "off_minor": 0})
                of_region["orders"] += 1
                of_region["gross_minor"] += order.gross
                of_region["off_minor"] += order.off
        for of_region in sales.values():
            of_region["net_minor"] = of_region["gross_minor"] - of_region["off_minor"]
        return sales

    def figures(self):
        orders = self.orders.values()
        confirmed = [order for order in orders if order.confirmed_at]
        took = sorted((it.confirmed_at - it.submitted_at).total_seconds() for it in confirmed)
        received = sum(len(order.received) for order in orders)
        corrected = sum(len(order.corrected) for order in orders)
        return {
            "orders": {
                "submitted": len(self.orders),
                "lines": sum(order.lines for order in orders),
                "cancelled": sum(order.cancelled for order in orders),
                "confirmed": len(confirmed),
                "touch_free": sum(not order.touched for order in confirmed),
            },
            "receipts": {
                "parcels": self.parcels[0],
                "with_differences": self.parcels[1],
                "lines": received,
                "corrected_lines": corrected,
                "accuracy_ppm": (received - corrected) * 1_000_000 // received if received else 0,
            },
            "sales": self.sales(),
            "cycle_seconds": {"p50": percentile(took, 50), "p99": percentile(took, 99)},
        }


def compare(problems, what, found, wanted):
    if found != wanted:
        problems.append(f"{what}: found {found}, planted {wanted}")


def check(truth, world, figures):
    problems, planted = [], truth["planted"]
    for group in ("orders", "receipts"):
        for name, wanted in truth[group].items():
            # Of nothing, nothing was wrong.
            if name != "accuracy_ppm" or truth[group]["lines"]:
                compare(problems, f"{group}.{name}", figures[group][name], wanted)
    for wanted in truth["sales"]:
        nothing = {"orders": 0, "gross_minor": 0, "off_minor": 0, "net_minor": 0}
        found = figures["sales"].get(wanted["region_id"], nothing)
        for name in nothing:
            compare(problems, f"{name} of {wanted['region_id']}", found[name], wanted[name])
    compare(problems, "orders released", sorted(world.released), sorted(planted["holds_released"]))
    compare(problems, "orders refused", sorted(world.refused), sorted(planted["holds_refused"]))
    wanted = [(it["order_id"], it["line_no"], it["kind"], it["quantity"]) for it in planted["differences"]]
    compare(problems, "differences", sorted(world.differences), sorted(wanted))
    for order_id, times in world.captures.items():
        compare(problems, f"payments counted of {order_id}", times, 1)
    missing = set(planted["duplicate_notices"]) - set(world.captures)
    compare(problems, "orders told of twice and not paid", sorted(missing), [])
    compare(problems, "orders refunded", sorted(world.refunds), sorted(planted["late_payments"]))
    return problems


def check_cockpit(problems, path, truth):
    with open(path, encoding="utf-8") as text:
        rows = json.load(text)["rows"]
    shown = {row["region"]["id"]: row for row in rows}
    for wanted in truth["sales"]:
        row = shown.get(wanted["region_id"], {})
        for name in ("orders", "gross_minor", "off_minor"):
            what = f"{name} of {wanted['region_id']} in the cockpit"
            compare(problems, what, row.get(name, 0), wanted[name])


def main(truth_path, order_path, partner_path, cockpit=None):
    with open(truth_path, encoding="utf-8") as text:
        truth = json.load(text)
    world = World(truth["tenant"], order_path, partner_path)
    figures = world.figures()
    problems = check(truth, world, figures)
    if cockpit:
        check_cockpit(problems, cockpit, truth)
    print(json.dumps({"ok": not problems, "figures": figures, "problems": problems}, ensure_ascii=False))
    return 1 if problems else 0


if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
