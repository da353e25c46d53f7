import { zhAccess } from "../zh-access";
import { zhAudit } from "../zh-audit";
import { zhConnectors } from "../zh-connectors";
import { zhSettings } from "../zh-settings";
import { zhSystem } from "../zh-system";
import { zhWebhooks } from "../zh-webhooks";

export const words = { ...zhAccess, ...zhSettings, ...zhWebhooks, ...zhConnectors, ...zhAudit, ...zhSystem };
