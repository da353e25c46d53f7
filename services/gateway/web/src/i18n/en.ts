import type { Key } from "./i18n";
import { enAccess } from "./en-access";
import { enAudit } from "./en-audit";
import { enFiles } from "./en-files";
import { enIdentity } from "./en-identity";
import { enOrders } from "./en-orders";
import { enPromotions } from "./en-promotions";
import { enRegions } from "./en-regions";
import { enSales } from "./en-sales";
import { enSettings } from "./en-settings";
import { enShell } from "./en-shell";
import { enSystem } from "./en-system";
import { enWebhooks } from "./en-webhooks";

export const en: Record<Key, string> = { ...enShell, ...enSales, ...enOrders, ...enAudit, ...enSystem, ...enIdentity, ...enSettings, ...enAccess, ...enWebhooks, ...enFiles, ...enRegions, ...enPromotions };
