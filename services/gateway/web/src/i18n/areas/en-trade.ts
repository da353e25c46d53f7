import { enAfterSales } from "../en-after-sales";
import { enCarts } from "../en-carts";
import { enFiles } from "../en-files";
import { enMetrics } from "../en-metrics";
import { enOrders } from "../en-orders";
import { enProducts } from "../en-products";
import { enReview } from "../en-review";
import { enSales } from "../en-sales";
import { enShipments } from "../en-shipments";
import { enStock } from "../en-stock";
import { enTables } from "../en-tables";
import { enWaiting } from "../en-waiting";

export const words = {
  ...enOrders,
  ...enSales,
  ...enMetrics,
  ...enProducts,
  ...enStock,
  ...enWaiting,
  ...enReview,
  ...enCarts,
  ...enShipments,
  ...enAfterSales,
  ...enFiles,
  ...enTables,
};
