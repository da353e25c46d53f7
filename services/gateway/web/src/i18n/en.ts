import { enAccess } from "./en-access";
import { enAudience } from "./en-audience";
import { enAudit } from "./en-audit";
import { enClasses } from "./en-classes";
import { enFiles } from "./en-files";
import { enIdentity } from "./en-identity";
import { enOrders } from "./en-orders";
import { enPrices } from "./en-prices";
import { enPromotions } from "./en-promotions";
import { enRange } from "./en-range";
import { enRegions } from "./en-regions";
import { enSales } from "./en-sales";
import { enSettings } from "./en-settings";
import { enShell } from "./en-shell";
import { enSystem } from "./en-system";
import { enWebhooks } from "./en-webhooks";
import type { Key } from "./i18n";

export const en: Record<Key, string> = { ...enShell, ...enSales, ...enOrders, ...enAudit, ...enSystem, ...enIdentity, ...enSettings, ...enAccess, ...enWebhooks, ...enFiles, ...enRegions, ...enPromotions, ...enAudience, ...enClasses, ...enPrices, ...enRange };
