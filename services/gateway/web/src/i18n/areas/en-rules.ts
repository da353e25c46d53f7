import { enAudience } from "../en-audience";
import { enClasses } from "../en-classes";
import { enPrices } from "../en-prices";
import { enPromotions } from "../en-promotions";
import { enRange } from "../en-range";
import { enRebates } from "../en-rebates";
import { enRegions } from "../en-regions";

export const words = { ...enPromotions, ...enRebates, ...enPrices, ...enRange, ...enAudience, ...enClasses, ...enRegions };
