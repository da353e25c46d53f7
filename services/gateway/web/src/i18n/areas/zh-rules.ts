import { zhAudience } from "../zh-audience";
import { zhClasses } from "../zh-classes";
import { zhPrices } from "../zh-prices";
import { zhPromotions } from "../zh-promotions";
import { zhRange } from "../zh-range";
import { zhRebates } from "../zh-rebates";
import { zhRegions } from "../zh-regions";

export const words = { ...zhPromotions, ...zhRebates, ...zhPrices, ...zhRange, ...zhAudience, ...zhClasses, ...zhRegions };
