import { zhShell } from "./zh-shell";
import { zhSales } from "./zh-sales";
import { zhOrders } from "./zh-orders";

export const zh = { ...zhShell, ...zhSales, ...zhOrders };
