import { zhAfterSales } from "../zh-after-sales";
import { zhCarts } from "../zh-carts";
import { zhFiles } from "../zh-files";
import { zhMetrics } from "../zh-metrics";
import { zhOrders } from "../zh-orders";
import { zhProducts } from "../zh-products";
import { zhReview } from "../zh-review";
import { zhSales } from "../zh-sales";
import { zhShipments } from "../zh-shipments";
import { zhStock } from "../zh-stock";
import { zhTables } from "../zh-tables";
import { zhWaiting } from "../zh-waiting";

export const words = {
  ...zhOrders,
  ...zhSales,
  ...zhMetrics,
  ...zhProducts,
  ...zhStock,
  ...zhWaiting,
  ...zhReview,
  ...zhCarts,
  ...zhShipments,
  ...zhAfterSales,
  ...zhFiles,
  ...zhTables,
};
