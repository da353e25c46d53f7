// What enums of the contract are called here: in addresses and in texts.
import { StockFilter } from "../gen/qudao/order/v1/stock_query_service_pb";

/** The read model behind the list of stock. */
export const STOCK = "stock";

/** Stock moves with every order of every dealer; pages that only mention it follow now and then. */
export const STOCK_AGAIN_MS = 30_000;

export const FILTERS = {
  in: StockFilter.IN,
  out: StockFilter.OUT,
} as const;
