import type { Key } from "./i18n";
import { enOrders } from "./en-orders";
import { enSales } from "./en-sales";
import { enShell } from "./en-shell";

export const en: Record<Key, string> = { ...enShell, ...enSales, ...enOrders };
