import type { Clients } from "../api/clients";
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
export function kindOf<Answer>(what: What, clients: Clients, today: string, take: <Item>(kind: ImportKind<Item>) => Answer): Answer {
  switch (what.of) {
    case "products":
      return take(productsImport(clients));
    case "prices":
      return take(pricesImport(clients, what.list, today));
    case "stock":
      return take(stockImport(clients));
    case "dealers":
      return take(dealersImport(clients));
    case "bankLines":
      return take(bankLinesImport(clients, what.account, what.currency));
    case "credit":
      return take(creditImport(clients, what.currency));
  }
}
