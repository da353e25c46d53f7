import type { Transport } from "@connectrpc/connect";
import type { PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { bankLinesImport } from "./bank-lines";
import { creditImport } from "./credit";
import { dealersImport } from "./dealers";
import type { ImportKind } from "./kind";
import { pricesImport } from "./prices";
import { productsImport } from "./products";
import { stockImport } from "./stock";

export type What =
  | { of: "products" }
  | { of: "prices"; list: PriceList }
  | { of: "stock" }
  | { of: "dealers" }
  /** `currency`: of dealers that have no credit yet. */
  | { of: "credit"; currency: string }
  /** `account`: the brand's; `currency`: of lines that do not say. */
  | { of: "bankLines"; account: string; currency: string };

/** `today`: where the brand is. */
export function kindOf<Answer>(what: What, transport: Transport, today: string, take: <Item>(kind: ImportKind<Item>) => Answer): Answer {
  switch (what.of) {
    case "products":
      return take(productsImport(transport));
    case "prices":
      return take(pricesImport(transport, what.list, today));
    case "stock":
      return take(stockImport(transport));
    case "dealers":
      return take(dealersImport(transport));
    case "bankLines":
      return take(bankLinesImport(transport, what.account, what.currency));
    case "credit":
      return take(creditImport(transport, what.currency));
  }
}
