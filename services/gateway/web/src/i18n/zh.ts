import { zhAccess } from "./zh-access";
import { zhAudience } from "./zh-audience";
import { zhAudit } from "./zh-audit";
import { zhClasses } from "./zh-classes";
import { zhFiles } from "./zh-files";
import { zhIdentity } from "./zh-identity";
import { zhOrders } from "./zh-orders";
import { zhPrices } from "./zh-prices";
import { zhPromotions } from "./zh-promotions";
import { zhRange } from "./zh-range";
import { zhRegions } from "./zh-regions";
import { zhSales } from "./zh-sales";
import { zhSettings } from "./zh-settings";
import { zhShell } from "./zh-shell";
import { zhSystem } from "./zh-system";
import { zhWebhooks } from "./zh-webhooks";

export const zh = { ...zhShell, ...zhSales, ...zhOrders, ...zhAudit, ...zhSystem, ...zhIdentity, ...zhSettings, ...zhAccess, ...zhWebhooks, ...zhFiles, ...zhRegions, ...zhPromotions, ...zhAudience, ...zhClasses, ...zhPrices, ...zhRange };
