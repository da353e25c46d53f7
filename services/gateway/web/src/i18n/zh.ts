import { zhAudit } from "./zh-audit";
import { zhOrders } from "./zh-orders";
import { zhSales } from "./zh-sales";
import { zhShell } from "./zh-shell";
import { zhSystem } from "./zh-system";

export const zh = { ...zhShell, ...zhSales, ...zhOrders, ...zhAudit, ...zhSystem };
