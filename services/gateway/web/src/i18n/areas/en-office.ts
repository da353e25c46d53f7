import { enAccess } from "../en-access";
import { enAudit } from "../en-audit";
import { enConnectors } from "../en-connectors";
import { enSettings } from "../en-settings";
import { enSystem } from "../en-system";
import { enWebhooks } from "../en-webhooks";

export const words = { ...enAccess, ...enSettings, ...enWebhooks, ...enConnectors, ...enAudit, ...enSystem };
