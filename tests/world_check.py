"""Works out from the recorded events alone what a simulated world has sold and what went wrong in it, and
compares it with what the world's maker says and with what the system says, with nothing but Python's own
library.

    python3 world_check.py TRUTH ORDER_EVENTS PARTNER_EVENTS [COCKPIT [METRICS]]

TRUTH is what `qudao simulate --out` writes, the events are what `qudao replay --context order` and
`--context partner` print, COCKPIT is what `qudao query sales --by region --json` prints, METRICS what
`qudao metrics --json` prints; what its figures are stands in docs/metrics.md.
Prints {"ok":…,"figures":…,"problems":[…]} and exits with 0 when all is as it has to be.
"""

import json
import sys
from datetime import date, datetime, timedelta, timezone

# Who acts as one of these is no person.
PROGRAMS = ("service:", "policy:")
# What the brand did wrong; what expires soon or is not sold was not sent by mistake.
MISTAKES = {"short", "damaged", "wrong_goods", "quality"}
# Worlds are in China, which has had no summer time since 1991.
CHINA = timezone(timedelta(hours=8))


def events(path, tenant):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("tenant") == tenant:
                yield event


def time_of(event):
    return datetime.fromisoformat(event["recorded_at"].replace("Z", "+00:00"))


def is_person(event):
    return not event["origin"]["actor_id"].startswith(PROGRAMS)


def ppm(part, whole):
    return part * 1_000_000 // whole if whole else 0


def percentile(sorted_values, percent):
    """The time of the order with number ⌈p × count⌉."""
    if not sorted_values:
        return 0
    return sorted_values[-(-len(sorted_values) * percent // 100) - 1]


def milliseconds(delta):
    return delta // timedelta(milliseconds=1)


class Order:
    """What the events of one order say."""

    def __init__(self, event):
        payload = event["payload"]
        self.region = payload["region_path"][1]["region_id"]
        self.dealer = payload["dealer_id"]
        self.day = date.fromisoformat(payload["business_date"])
        self.gross = payload["gross_minor"]
        off = lambda line: sum(it.get("off_minor", it.get("off", 0)) for it in line.get("discounts", []))
        self.off = sum(off(line) for line in payload["lines"])
        self.lines = len(payload["lines"])
        self.ordered = sum(it["quantity"] for it in payload["lines"] + payload.get("gifts", []))
        self.shipped = self.closed = 0
        self.submitted_at, self.submit_request = time_of(event), event["origin"]["request_id"]
        self.pay_request = None
        self.confirmed_at = self.released_at = self.shipped_at = None
        self.cancelled = False
        self.touched = payload.get("placed_on_behalf", False) and is_person(event)
        self.received, self.corrected = set(), set()
        self.rating = None

    def apply(self, event):
        kind, payload = event["event_type"], event["payload"]
        if kind == "PaymentAllocated":
            self.pay_request = event["origin"]["request_id"]
        elif kind == "CreditHoldReleased":
            self.touched |= is_person(event)
        elif kind == "OrderConfirmed":
            self.confirmed_at = time_of(event)
            follows = event["origin"]["request_id"] in (self.submit_request, self.pay_request)
            self.touched |= is_person(event) and not follows
        elif kind == "OrderCancelled":
            self.cancelled = True
        elif kind == "OrderShipped":
            self.shipped += sum(line["quantity"] for line in payload["lines"])
            self.shipped_at = self.shipped_at or time_of(event)
        elif kind == "OrderReceived":
            self.received |= {line["line_no"] for line in payload["lines"] if line["quantity"]}
            self.corrected |= {it["line_no"] for it in payload.get("differences", [])}
            self.received |= self.corrected
        elif kind == "OrderShortClosed":
            self.closed += sum(line["quantity"] for line in payload["lines"])
            self.gross -= sum(line["gross_minor"] for line in payload["lines"])
            self.off -= sum(line["off_minor"] for line in payload["lines"])
        elif kind == "OrderRated":
            self.rating = (payload["rating"]["goods"], payload["rating"]["service"])

    def released(self):
        return self.released_at or self.confirmed_at


class World:
    """What all events say."""

    def __init__(self, tenant, order_path):
        self.orders, self.differences, self.parcels = {}, [], [0, 0]
        self.released, self.refused, self.captures, self.refunds = [], [], {}, {}
        self.payments, self.cases, self.case_ratings, self.counts = {}, {}, [], {}
        self.given, self.credit, self.closed = 0, {}, []
        self.last_at = None
        for event in events(order_path, tenant):
            self.last_at = time_of(event)
            kind = event["event_type"]
            self.counts[kind] = self.counts.get(kind, 0) + 1
            read = getattr(self, event["aggregate"], None)
            if read:
                read(event, kind, event["payload"])

    def order(self, event, kind, payload):
        order_id = event["object_id"]
        if kind == "OrderSubmitted":
            if not payload.get("replaces"):
                self.orders[order_id] = Order(event)
            return
        self.orders[order_id].apply(event)
        if kind == "CreditHoldReleased":
            self.released.append(order_id)
        elif kind == "CreditRefused":
            self.refused.append(order_id)
        elif kind == "OrderShortClosed":
            self.closed.append(order_id)
        elif kind == "OrderReceived":
            found = payload.get("differences", [])
            self.parcels[0] += 1
            self.parcels[1] += bool(found)
            for it in found:
                self.differences.append((order_id, it["line_no"], it["cause"], it["quantity"]))

    def shipment(self, event, kind, payload):
        if kind == "ShipmentReleased" and payload["number"] == 1:
            self.orders[payload["order_id"]].released_at = time_of(event)

    def payment(self, event, kind, payload):
        payment_id = event["object_id"]
        if kind == "PaymentStarted":
            self.payments[payment_id] = payload["order_id"]
        elif kind in ("PaymentCaptured", "RefundCompleted"):
            book = self.captures if kind == "PaymentCaptured" else self.refunds
            order_id = self.payments[payment_id]
            book[order_id] = book.get(order_id, 0) + 1

    def after_sale(self, event, kind, payload):
        if kind == "AfterSaleRequested":
            self.cases[event["object_id"]] = payload["at_receipt"]
            if not payload["at_receipt"]:
                lines = [it["line_no"] for it in payload["lines"] if it["cause"] in MISTAKES]
                self.orders[payload["order_id"]].corrected |= set(lines)
        elif kind == "AfterSaleSettled":
            self.given += payload["amount_minor"]
        elif kind == "AfterSaleRated":
            self.case_ratings.append((payload["rating"]["goods"], payload["rating"]["service"]))

    def credit_account(self, event, kind, payload):
        day = time_of(event).astimezone(CHINA).date()
        if kind == "CreditConsumed":
            self.credit.setdefault(payload["order_id"], []).append((day, payload["amount_minor"], kind))
        elif kind in ("CreditRepaid", "DebtReduced"):
            for part in payload["paid"]:
                self.credit[part["order_id"]].append((day, part["amount_minor"], kind))

    def sales(self):
        sales = {}
        for order in self.kept():
            nothing = {"orders": 0, "gross_minor": 0, "off_minor": 0}
            of_region = sales.setdefault(order.region, nothing)
            of_region["orders"] += 1
            of_region["gross_minor"] += order.gross
            of_region["off_minor"] += order.off
        for of_region in sales.values():
            of_region["net_minor"] = of_region["gross_minor"] - of_region["off_minor"]
        return sales

    def kept(self):
        return [order for order in self.orders.values() if not order.cancelled]

    def dso(self):
        """To the day of the last event, which is today for whoever asks at once."""
        kept = [parts for order_id, parts in self.credit.items() if not self.orders[order_id].cancelled]
        sums, days = {"CreditConsumed": 0, "CreditRepaid": 0, "DebtReduced": 0}, []
        for day, amount, kind in (part for parts in kept for part in parts):
            sums[kind] += amount
            if kind == "CreditConsumed":
                days.append(day)
        delivered = sums["CreditConsumed"]
        owed = delivered - sums["CreditRepaid"] - sums["DebtReduced"]
        window = (self.last_at.astimezone(CHINA).date() - min(days)).days + 1 if days else 0
        return {
            "delivered_minor": delivered,
            "repaid_minor": sums["CreditRepaid"],
            "reduced_minor": sums["DebtReduced"],
            "receivable_minor": owed,
            "window_days": window,
            "days_x10": owed * window * 10 // delivered if delivered else 0,
        }

    def figures(self):
        orders = self.orders.values()
        confirmed = [order for order in orders if order.confirmed_at]
        kept = self.kept()
        released = [order for order in kept if order.released()]
        took = sorted(milliseconds(it.released() - it.submitted_at) for it in released)
        left = sorted(milliseconds(it.shipped_at - it.submitted_at) for it in kept if it.shipped_at)
        received = sum(len(order.received) for order in kept)
        corrected = sum(len(order.corrected) for order in kept)
        over = [order for order in kept if order.shipped + order.closed >= order.ordered]
        ordered, shipped = sum(it.ordered for it in over), sum(it.shipped for it in over)
        dealers, days = {order.dealer for order in kept}, [order.day for order in kept]
        window = (max(days) - min(days)).days + 1 if days else 1
        count = self.counts.get
        return {
            "orders": {
                "submitted": len(self.orders),
                "lines": sum(order.lines for order in orders),
                "cancelled": sum(order.cancelled for order in orders),
                "confirmed": len(confirmed),
                "touch_free": sum(not order.touched for order in released),
                "from_carts": count("CartSubmitted", 0),
            },
            "receipts": {
                "parcels": self.parcels[0],
                "with_differences": self.parcels[1],
                "lines": received,
                "corrected_lines": corrected,
                "accuracy_ppm": ppm(received - corrected, received),
            },
            "shipments": {
                "released": count("ShipmentReleased", 0),
                "acknowledged": count("ShipmentAcknowledged", 0),
                "handed_back": count("ShipmentHandedBack", 0),
            },
            "fill_rate": {
                "orders": len(over),
                "ordered": ordered,
                "shipped": shipped,
                "ppm": ppm(shipped, ordered),
            },
            "frequency": {
                "dealers": len(dealers),
                "first_date": str(min(days)) if days else None,
                "last_date": str(max(days)) if days else None,
                "orders_per_dealer_30_days_x100":
                    len(kept) * 3_000 // (len(dealers) * window) if dealers else 0,
            },
            "satisfaction": {
                "deliveries": content([order.rating for order in kept if order.rating]),
                "after_sales": content(self.case_ratings),
            },
            "cases": {
                "at_receipt": sum(self.cases.values()),
                "asked": len(self.cases) - sum(self.cases.values()),
                "refused": count("AfterSaleRefused", 0),
                "settled": count("AfterSaleSettled", 0),
                "given_minor": self.given,
            },
            "credit": self.dso(),
            "sales": self.sales(),
            "release_ms": {"orders": len(took), "p50": percentile(took, 50), "p99": percentile(took, 99)},
            "shipping_ms": {"orders": len(left), "p50": percentile(left, 50), "p99": percentile(left, 99)},
        }


def content(ratings):
    mean = lambda at: sum(it[at] for it in ratings) * 100 // len(ratings) if ratings else 0
    return {"answers": len(ratings), "goods_x100": mean(0), "service_x100": mean(1)}


def compare(problems, what, found, wanted):
    if found != wanted:
        problems.append(f"{what}: found {found}, wanted {wanted}")


def compare_all(problems, what, found, wanted):
    """All that the truth says, however deep."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            compare_all(problems, f"{what}.{name}", found[name], value)
    else:
        compare(problems, what, found, wanted)


def check(truth, world, figures):
    problems, planted = [], truth["planted"]
    for group in ("orders", "receipts", "shipments", "fill_rate", "frequency", "satisfaction", "cases", "credit"):
        compare_all(problems, group, figures[group], truth[group])
    for wanted in truth["sales"]:
        nothing = {"orders": 0, "gross_minor": 0, "off_minor": 0, "net_minor": 0}
        found = figures["sales"].get(wanted["region_id"], nothing)
        for name in nothing:
            compare(problems, f"{name} of {wanted['region_id']}", found[name], wanted[name])
    compare(problems, "orders released", sorted(world.released), sorted(planted["holds_released"]))
    compare(problems, "orders refused", sorted(world.refused), sorted(planted["holds_refused"]))
    compare(problems, "orders closed short", sorted(world.closed), sorted(planted["closed_short"]))
    wanted = [(it["order_id"], it["line_no"], it["kind"], it["quantity"]) for it in planted["differences"]]
    compare(problems, "differences", sorted(world.differences), sorted(wanted))
    for order_id, times in world.captures.items():
        compare(problems, f"payments counted of {order_id}", times, 1)
    told = planted["duplicate_notices"] + planted["late_notices"]
    told += [order_id for pair in planted["swapped_notices"] for order_id in pair]
    missing = set(told) - set(world.captures)
    compare(problems, "orders told of oddly and not paid", sorted(missing), [])
    compare(problems, "orders refunded", sorted(world.refunds), sorted(planted["late_payments"]))
    for it in planted["out_of_stock"]:
        if it["cut"]:
            compare(problems, f"{it['order_id']} without what was not there", it["order_id"] in world.orders, True)
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


def check_metrics(problems, path, figures):
    """What the system's own projection says of the same events."""
    with open(path, encoding="utf-8") as text:
        told = json.load(text)["total"]
    kept = figures["orders"]["submitted"] - figures["orders"]["cancelled"]
    release, shipping = figures["release_ms"], figures["shipping_ms"]
    receipts, fill, credit = figures["receipts"], figures["fill_rate"], figures["credit"]
    owed, frequency = told["days_sales_outstanding"], figures["frequency"]
    for what, system, ours in (
        ("orders", told["orders"], kept),
        ("waiting_orders", told["waiting_orders"], kept - release["orders"]),
        ("release p50", told["release"]["p50_milliseconds"], release["p50"]),
        ("release p99", told["release"]["p99_milliseconds"], release["p99"]),
        ("shipping orders", told["shipping"]["orders"], shipping["orders"]),
        ("shipping p50", told["shipping"]["p50_milliseconds"], shipping["p50"]),
        ("shipping p99", told["shipping"]["p99_milliseconds"], shipping["p99"]),
        ("received_lines", told["received_lines"], receipts["lines"]),
        ("corrected_lines", told["corrected_lines"], receipts["corrected_lines"]),
        ("accuracy_ppm", told["accuracy_ppm"], receipts["accuracy_ppm"]),
        ("touch_free_orders", told["touch_free_orders"], figures["orders"]["touch_free"]),
        ("touch_free_ppm", told["touch_free_ppm"], ppm(figures["orders"]["touch_free"], release["orders"])),
        ("delivered_orders", told["delivered_orders"], fill["orders"]),
        ("ordered_quantity", told["ordered_quantity"], fill["ordered"]),
        ("shipped_quantity", told["shipped_quantity"], fill["shipped"]),
        ("fill_rate_ppm", told["fill_rate_ppm"], fill["ppm"]),
        ("dealers", told["dealers"], frequency["dealers"]),
        ("order frequency", told["orders_per_dealer_30_days_x100"], frequency["orders_per_dealer_30_days_x100"]),
        ("satisfaction", told["delivery_satisfaction"], figures["satisfaction"]["deliveries"]),
        ("after-sale satisfaction", told["after_sale_satisfaction"], figures["satisfaction"]["after_sales"]),
        ("receivable_minor", owed["receivable_minor"], credit["receivable_minor"]),
        ("delivered on credit", owed["delivered_minor"], credit["delivered_minor"]),
        ("window_days", owed["window_days"], credit["window_days"]),
        ("days_sales_outstanding", owed["days_x10"], credit["days_x10"]),
    ):
        if system != ours:
            problems.append(f"{what}: the system says {system}, the events {ours}")


def main(truth_path, order_path, partner_path, cockpit=None, metrics=None):
    with open(truth_path, encoding="utf-8") as text:
        truth = json.load(text)
    dealers = {it["object_id"] for it in events(partner_path, truth["tenant"]) if it["aggregate"] == "dealer"}
    world = World(truth["tenant"], order_path)
    figures = world.figures()
    problems = check(truth, world, figures)
    strangers = {order.dealer for order in world.orders.values()} - dealers
    compare(problems, "orders of dealers whom nobody has registered", sorted(strangers), [])
    if cockpit:
        check_cockpit(problems, cockpit, truth)
    if metrics:
        check_metrics(problems, metrics, figures)
    print(json.dumps({"ok": not problems, "figures": figures, "problems": problems}, ensure_ascii=False))
    return 1 if problems else 0


if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
