import { useClient } from "../api/clients";
import { useQuery, type Query } from "../api/use-query";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useTick } from "../live/live";
import { useSeldom } from "../ui/use-slow";
import { useMall } from "./mall-state";
import { offersOf, type Offer } from "./offers";
import { canOrder } from "./range";

const AGAIN_MS = 30_000;
/** One question each. */
const MOST_CATEGORIES = 8;
/** Lines of a quote. */
const MOST_LINES = 200;

/** The promotions that count for this dealer today. */
export function useOffers(): Query<Offer[]> {
  const ordering = useClient(OrderService);
  const { dealerId, catalogue } = useMall();
  const categories = catalogue.data?.categories.slice(0, MOST_CATEGORIES) ?? [];
  const asked = categories
    .map(({ name, products }) => ({ name, goods: products.filter((product) => canOrder(product)).slice(0, MOST_LINES) }))
    .filter(({ goods }) => goods.length > 0);
  const key = asked.map(({ name, goods }) => `${name}:${goods.length}`).join();
  return useQuery(
    `offers/${dealerId}/${key}`,
    async (signal) => {
      const answers = asked.map(async ({ name, goods }) => {
        const lines = goods.map(({ productId }) => ({ productId, quantity: 1 }));
        const { promotions } = await ordering.quoteOrder({ dealerId, lines }, { signal });
        return { category: name, promotions };
      });
      return offersOf(await Promise.all(answers));
    },
    { tick: useSeldom(useTick("promotions"), AGAIN_MS), enabled: asked.length > 0, keep: true },
  );
}
