import { zhAccess } from "./zh-access";
import { zhAudit } from "./zh-audit";
import { zhFiles } from "./zh-files";
import { zhIdentity } from "./zh-identity";
import { zhOrders } from "./zh-orders";
import { zhPromotions } from "./zh-promotions";
import { zhRegions } from "./zh-regions";
import { zhSales } from "./zh-sales";
import { zhSettings } from "./zh-settings";
import { zhShell } from "./zh-shell";
import { zhSystem } from "./zh-system";
import { zhWebhooks } from "./zh-webhooks";

export const zh = { ...zhShell, ...zhSales, ...zhOrders, ...zhAudit, ...zhSystem, ...zhIdentity, ...zhSettings, ...zhAccess, ...zhWebhooks, ...zhFiles, ...zhRegions, ...zhPromotions };
